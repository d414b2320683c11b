// SPDX-License-Identifier: Apache-2.0
import type { BpfMapName } from '../../../agent/render/generated/layout.ts';
import type { ChainSlice, Port, VirtualNetwork } from '../../../api/index.ts';
import type { Node } from '../../../kube/slim.ts';

export interface NodeSetup {
  readonly node: string;
  readonly bpffs: string;
  readonly objectFile: string;
  readonly vxlanPort: number;
  readonly vtep: string;
  readonly encapsulateBy: 'Programs' | 'Device';
  readonly innerMtu: number;
  readonly probeIntervalMs: number;
}

/** The health that a node would write into its NodeReport. */
export interface NodeHealth {
  readonly down: readonly number[];
  readonly unreachable: readonly string[];
  /** Why no probe can be sent; empty when probes are sent. */
  readonly failure: string;
}

/** The resources that the API server would send to every node. */
export interface Resources {
  readonly ports: readonly Port[];
  readonly networks: readonly VirtualNetwork[];
  readonly slices: readonly ChainSlice[];
  readonly nodes: readonly Node[];
}

export type NodeCommand =
  | ({ readonly kind: 'resources' } & Resources)
  | { readonly kind: 'attach'; readonly portKey: string; readonly netnsPath: string }
  | { readonly kind: 'detach'; readonly portKey: string }
  | ({ readonly kind: 'takeOverWith' } & Resources)
  | { readonly kind: 'health' }
  | { readonly kind: 'metrics' }
  /** Looks at the devices of the underlay once more, as the agent does every few seconds. */
  | { readonly kind: 'followUnderlay' }
  | { readonly kind: 'drops' }
  /** The entries that do not fit into a full map. */
  | { readonly kind: 'refused' }
  | { readonly kind: 'dumpMap'; readonly map: BpfMapName }
  | {
      readonly kind: 'deleteEntries';
      readonly map: BpfMapName;
      readonly keys: Uint8Array;
      readonly count: number;
    }
  /** A request to the agent's `GET /trace`. */
  | { readonly kind: 'trace'; readonly query: Readonly<Record<string, string>> }
  | { readonly kind: 'stop' };

export interface NodeReply {
  readonly id: number;
  readonly result?: unknown;
  readonly error?: string;
}

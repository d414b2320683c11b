// SPDX-License-Identifier: Apache-2.0
import type { Port } from '../../../api/index.ts';
import { keyOf, keyOfRef } from '../../../api/key.ts';
import { formatComplaint } from '../../../api/parsed.ts';
import type { RuntimePod } from '../../nri/plugin.ts';
import { wantedInterfaces } from '../hook/wanted.ts';

/** A pod that has containers, although the agent did not see them start. */
export interface Suspect {
  readonly pod: RuntimePod;
  /** When its first container was made, in milliseconds since 1970; undefined when the runtime does not tell. */
  readonly since: number | undefined;
}

export interface PastFacts {
  /** All Ports of the pod. */
  readonly ports: readonly Port[];
  /** Whether a network is another CNI's. */
  readonly isOthers: (key: string) => boolean;
  /** CIDRs that pods of a network route into it; undefined if the network does not exist. */
  readonly rangesOf: (key: string) => readonly string[] | undefined;
  readonly isAccepted: (port: Port) => boolean;
  /** Whether the interface of a Port is complete in the sandbox of the pod. */
  readonly isComplete: (portKey: string) => boolean;
  /** When the interface was made; undefined if an earlier agent made it. */
  readonly madeAt: (portKey: string) => number | undefined;
}

export interface PastVerdict {
  /** Accepted Ports whose interface the pod may have and has not. */
  readonly attach: readonly Port[];
  /** Interfaces that the pod asked for and cannot have now, each with the reason. */
  readonly missing: readonly { readonly name: string; readonly why: string }[];
  /** Ports whose interface came after the first container. */
  readonly late: readonly Port[];
  /** CIDRs of the networks of the interfaces that are not there: the pod must not reach them by another interface. */
  readonly fence: readonly string[];
}

/** Pure: compares what a running pod must have with what it has. */
export function comparePod({ pod, since }: Suspect, facts: PastFacts): PastVerdict {
  const wanted = wantedInterfaces(pod, facts);
  if (!wanted.ok) {
    const missing = [{ name: '', why: formatComplaint(wanted.complaint) }];
    return { attach: [], missing, late: [], fence: [] };
  }
  const accepted = facts.ports.filter(facts.isAccepted);
  const portOf = (name: string) => accepted.find(({ spec }) => spec.interface === name);
  const found = wanted.value.flatMap(({ name }) => portOf(name) ?? []);
  const absent = wanted.value.filter(({ name }) => portOf(name) === undefined);
  const attach = found.filter((port) => !facts.isComplete(keyOf(port)));
  const networks = [...absent.map(({ network }) => network), ...attach.map(({ spec }) => spec.network)];
  return {
    attach,
    missing: absent.map(({ name, network }) => ({ name, why: whyAbsent(network, facts) })),
    late: found.filter((port) => facts.isComplete(keyOf(port)) && isLate(facts.madeAt(keyOf(port)), since)),
    fence: [...new Set(networks.flatMap((ref) => (ref && facts.rangesOf(keyOfRef(ref))) ?? []))].sort(),
  };
}

/** Whether the pod has not all its interfaces. */
export function lacks({ missing, attach }: PastVerdict): boolean {
  return missing.length + attach.length > 0;
}

/** An interface that an earlier agent made came before the container: the former agent admitted that. */
function isLate(madeAt: number | undefined, since: number | undefined): boolean {
  return madeAt !== undefined && (since === undefined || madeAt > since);
}

function whyAbsent(network: Port['spec']['network'], { rangesOf }: PastFacts): string {
  if (network === undefined) return 'the operator has not made its Port';
  const key = keyOfRef(network);
  return rangesOf(key) === undefined
    ? `VirtualNetwork ${key} does not exist`
    : `VirtualNetwork ${key} has given it no address`;
}

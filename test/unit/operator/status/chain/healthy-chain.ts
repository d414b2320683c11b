// SPDX-License-Identifier: Apache-2.0
import type { ChainStatusFacts, HopStatusFacts } from '../../../../../operator/status/chain/facts.ts';
import { judged } from '../../compile/chain/judged.ts';

/** A hop whose only instance is serving. */
export const edge: HopStatusFacts = {
  kind: 'Firewall',
  name: 'edge',
  label: 'fw/edge',
  onFailure: 'Closed',
  found: true,
  judgesBeginnings: true,
  desired: 1,
  judged: [judged('edge-1')],
};

/** A chain with one hop, that is on its nodes. */
export const healthyChain: ChainStatusFacts = {
  namespace: 'shop',
  network: { name: 'mall', state: 'Usable' },
  problems: [],
  pathId: 12,
  exceeded: undefined,
  straight: undefined,
  establishedFlows: 'Through',
  hops: [edge],
  shadowedBy: undefined,
  slices: [{ key: 'shop/a-0', generation: 3 }],
  nodes: [],
};

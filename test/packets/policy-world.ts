// SPDX-License-Identifier: Apache-2.0
import { assembleChain, type Chain } from '../../agent/render/chain.ts';
import type { ChainSlice, ServiceChain } from '../../api/index.ts';
import type { Member } from '../../operator/compile/chain/classifier.ts';
import { compileChain } from '../../operator/compile/chain/compile.ts';
import { resolveEnds } from '../../operator/compile/chain/ends.ts';
import type { HopFacts } from '../../operator/compile/chain/hops.ts';
import { renderInstancePort, renderPodPort } from '../kernel/world/resources.ts';
import { PacketBench } from './bench.ts';
import { VNI } from './ground.ts';
import type { Pod, Policy } from './policy-model.ts';

/** A network whose chains change: what the operator and an agent make of the same chains that the model is asked about. */

const NODE = 'here';
const NAMESPACE = 'test';
const objectFile = new URL('../../dist/heddle.bpf.o', import.meta.url).pathname;

const pod = (addresses: readonly string[], labels: Pod['labels'], more: Partial<Pod> = {}): Pod => ({
  namespace: NAMESPACE,
  labels,
  namespaceLabels: { team: 'shop' },
  addresses,
  ranges: [],
  ...more,
});
/** Pods of this node: they send. The addresses are near the limits of ranges. */
export const PODS: Readonly<Record<string, Pod>> = {
  a: pod(['10.20.0.1', 'fd20::1'], { app: 'web' }),
  b: pod(['10.20.0.7', 'fd20::7'], { app: 'web', tier: 'crowd' }),
  c: pod(['10.20.0.8', 'fd20::8:0'], { app: 'db' }),
  d: pod(['10.20.3.255', 'fd20:0:0:1::1'], { app: 'db' }),
  e: pod(['10.20.4.0'], { app: 'web' }, { namespace: 'other', namespaceLabels: { team: 'bank' } }),
  gateway: pod(['10.20.0.200', 'fd20::200'], { app: 'gateway' }, { ranges: ['10.99.0.0/25', 'fd99::/70'] }),
};
/** So many pods that the ends of a chain need several slices. */
const CROWD = Array.from({ length: 320 }, (_, index) =>
  pod([`10.20.${16 + (index >> 8)}.${index & 255}`], { tier: 'crowd' }),
);
/** The ranges of a VPN that exists; of another one, a chain may have the name alone. */
export const VPNS: Policy['vpns'] = { branch: ['10.99.0.0/26', 'fd99::/72'] };

export const PATH_IDS: Readonly<Record<string, number>> = { p: 71, q: 72, r: 73, s: 74, t: 75 };

const PORTS = [
  ...Object.entries(PODS).map(([name, { addresses, ranges }], index) =>
    renderPodPort({
      name,
      node: NODE,
      network: 'shop',
      vni: VNI,
      addresses,
      prefixes: ranges,
      index: index + 1,
    }),
  ),
  renderInstancePort({ name: 'near', node: NODE, id: 1 }),
];
export const macOf = (name: string): string =>
  PORTS.find(({ metadata }) => metadata.name === name)!.spec.mac!;

const HOPS: readonly HopFacts[] = [
  {
    ref: { kind: 'Firewall', name: 'near', onFailure: 'Closed' },
    found: { desired: 1, judgesBeginnings: true },
    instances: [
      {
        id: 1,
        pod: 'near',
        node: NODE,
        weight: 100,
        portAccepted: true,
        portReady: true,
        podReady: true,
        worksUnready: true,
        leaving: false,
        reportedDown: false,
      },
    ],
  },
];

export function startPolicyBench(): Promise<PacketBench> {
  const networks = [{ vni: VNI, chains: [] }];
  return PacketBench.create({ objectFile, ports: PORTS, networks });
}

export class PolicyWorld {
  readonly #bench: PacketBench;
  readonly #chains = new Map<string, ServiceChain>();
  /** As in the API server: a slice that is written with the same content stays the same object. */
  readonly #slices = new Map<string, readonly ChainSlice[]>();
  #pods: readonly Pod[] = [...Object.values(PODS), ...CROWD];
  #members = membersOf(this.#pods);

  constructor(bench: PacketBench) {
    this.#bench = bench;
  }

  get policy(): Policy {
    return { chains: [...this.#chains.values()], pods: this.#pods, vpns: VPNS };
  }

  setChain(chain: ServiceChain): void {
    this.#chains.set(chain.metadata.name, chain);
  }

  removeChain(name: string): void {
    this.#chains.delete(name);
    this.#slices.delete(name);
  }

  relabel(name: string, labels: Pod['labels']): void {
    const at = Object.keys(PODS).indexOf(name);
    this.#pods = this.#pods.with(at, { ...this.#pods[at]!, labels });
    this.#members = membersOf(this.#pods);
  }

  /** Compiles every chain as the operator does, and writes the network as the agent does. */
  async apply(): Promise<void> {
    const chains = [...this.#chains.values()].flatMap((chain) => this.#assemble(chain) ?? []);
    await this.#bench.setNetwork({ vni: VNI, chains });
  }

  #assemble(chain: ServiceChain): Chain | undefined {
    const { name } = chain.metadata;
    const stored = this.#slices.get(name) ?? [];
    const { slices } = compileChain({
      chain,
      place: {
        network: { namespace: NAMESPACE, name: 'shop' },
        vni: VNI,
        pathId: PATH_IDS[name]!,
      },
      ends: resolveEnds({
        from: chain.spec.from,
        to: chain.spec.to,
        network: 'shop',
        balancer: () => undefined,
        vpn: (vpn) => VPNS[vpn] && { network: 'shop', isAccepted: true, cause: undefined, cidrs: VPNS[vpn] },
      }),
      members: this.#members,
      hops: HOPS,
      reports: { accusers: () => [], isReady: () => true, hasReport: () => true },
      slices: stored,
    });
    const written = slices.map((slice) => stored.find((each) => isSame(each, slice)) ?? slice);
    this.#slices.set(name, written);
    return assembleChain(`${NAMESPACE}/${name}`, written);
  }
}

function isSame(a: ChainSlice, b: ChainSlice): boolean {
  return a.metadata.name === b.metadata.name && JSON.stringify(a.spec) === JSON.stringify(b.spec);
}

function membersOf(pods: readonly Pod[]): readonly Member[] {
  return pods.map(({ namespace, labels, namespaceLabels, addresses, ranges }, index) => ({
    port: `${namespace}/${index}`,
    node: NODE,
    addresses,
    prefixes: ranges,
    namespace,
    podLabels: labels,
    namespaceLabels,
  }));
}

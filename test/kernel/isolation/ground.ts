// SPDX-License-Identifier: Apache-2.0
import { encodeMacFrom, encodeMacTo, type FrameContext } from '../../../api/context/context.ts';
import { ETHERTYPE, ethernet, type IpOptions, icmp, ipv4, ipv6, PROTOCOL } from '../../packets/frame.ts';
import { Ear, Mouth } from '../packets/wire.ts';
import { type Pod, World } from '../world/world.ts';

// Two tenants, red and blue, with the same addresses on the same nodes, and a firewall that serves both. A pod of
// red's is up to no good; everybody else listens.

const objectFile = new URL('../../../dist/heddle.bpf.o', import.meta.url).pathname;
export const VNI = { red: 4097, blue: 4098 } as const;
export const PATH = { red: 7, blue: 8 } as const;
export type Tenant = keyof typeof VNI;
export const NODES = ['one', 'two'] as const;
export const FAMILIES = [4, 6] as const;
export type Family = (typeof FAMILIES)[number];
export const addressOf = (family: Family, host: number): string =>
  family === 4 ? `10.20.0.${host}` : `fd20::${host}`;
/** Pods of both tenants, by the number of their host address: both tenants use the same numbers and nodes. */
const PODS = { 1: 'one', 2: 'one', 3: 'two' } as const;
export type Host = keyof typeof PODS;
export const ATTACKER = 'red1';
/** The victims, by where they are. */
export const VICTIMS = [
  { place: 'on the same node', host: 2 },
  { place: 'on another node', host: 3 },
] as const satisfies readonly { place: string; host: Host }[];
export const INSTANCE = { firewall: 1, stranger: 2 } as const;
/** MACs with a context, as in frames to an instance and from one. */
export const toInstance = (context: FrameContext): string =>
  Buffer.from(encodeMacTo(context)).toString('hex');
export const fromInstance = (context: FrameContext): string =>
  Buffer.from(encodeMacFrom(context)).toString('hex');
export const EVERYBODY = 'ff:ff:ff:ff:ff:ff';

/** Every packet of these tests has this text, so a pod that receives it has received one of them. */
export const SIGN = Buffer.from('crossed a line that nobody may!!');

export interface Ground {
  readonly world: World;
  readonly pods: Readonly<Record<Tenant, Readonly<Record<Host, Pod>>>>;
  /** Namespace of the firewall that serves both tenants; a test gives it rules. */
  readonly firewallNetns: string;
  /** Names of the pods that received the sign since the last call. */
  heard(): Promise<readonly string[]>;
  /** The drop counters of a node that grew while `act` ran, without those that kernels cause by themselves. */
  dropped(node: string, act: () => Promise<unknown>): Promise<readonly string[]>;
  close(): Promise<void>;
}

export async function makeGround(): Promise<Ground> {
  const world = await World.create({ nodes: NODES, objectFile, probeIntervalMs: 300 });
  const ears = new Map<string, Ear>();
  const close = async () => {
    for (const ear of ears.values()) await ear.close();
    await world.close();
  };
  try {
    const pods = { red: await addTenant(world, 'red'), blue: await addTenant(world, 'blue') };
    const firewall = await world.addInstance({ name: 'firewall', node: 'one', id: INSTANCE.firewall });
    await world.addInstance({ name: 'stranger', node: 'one', id: INSTANCE.stranger });
    await world.setChains((['red', 'blue'] as const).map(chainOf));
    for (const pod of Object.values(pods).flatMap((each) => Object.values(each))) {
      // A correct reply to the attacker quotes what the attacker sent.
      if (pod.name !== ATTACKER) ears.set(pod.name, await Ear.open(world, pod.name));
    }
    ears.set('firewall', await Ear.open(world, 'firewall', 'chain0'));
    ears.set('stranger', await Ear.open(world, 'stranger', 'chain0'));
    return {
      world,
      pods,
      firewallNetns: firewall.netns,
      heard: async () => {
        const each = await Promise.all(
          [...ears].map(async ([name, ear]) => ({ name, frames: await ear.heard() })),
        );
        return each
          .filter(({ frames }) => frames.some(({ frame }) => frame.includes(SIGN)))
          .map(({ name }) => name);
      },
      dropped: async (node, act) => {
        const before = await world.drops(node);
        await act();
        const after = await world.drops(node);
        return Object.keys(after).filter((reason) => (after[reason] ?? 0) > (before[reason] ?? 0));
      },
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

async function addTenant(world: World, tenant: Tenant): Promise<Readonly<Record<Host, Pod>>> {
  await world.addNetwork({ name: tenant, vni: VNI[tenant], subnets: ['10.20.0.0/16', 'fd20::/64'] });
  const add = (host: Host) =>
    world.addPod({
      name: `${tenant}${host}`,
      node: PODS[host],
      network: tenant,
      addresses: FAMILIES.map((family) => addressOf(family, host)),
    });
  return { 1: await add(1), 2: await add(2), 3: await add(3) };
}

/** A chain from host 2 to host 3 through the firewall; both tenants have it. */
function chainOf(tenant: Tenant) {
  const end = (host: Host) => ({ any: false, addresses: FAMILIES.map((family) => addressOf(family, host)) });
  return {
    name: tenant,
    network: tenant,
    pathId: PATH[tenant],
    from: end(2),
    to: end(3),
    hops: ['firewall'],
  };
}

/** An IP packet of host 1 with the sign in it, with the test's changes. No host answers a ping reply. */
export function packet(family: Family, more: Partial<IpOptions> = {}): Buffer {
  const answer = family === 4 ? 0 : 129;
  const options = {
    source: addressOf(family, 1),
    destination: addressOf(family, 3),
    protocol: family === 4 ? PROTOCOL.icmp : PROTOCOL.icmpv6,
    payload: icmp(answer, 0, SIGN),
    ...more,
  };
  return family === 4 ? ipv4(options) : ipv6(options);
}

export function frame(
  family: Family,
  payload: Buffer,
  ends: { readonly source: string; readonly destination: string; readonly type?: number },
): Buffer {
  return ethernet({ type: family === 4 ? ETHERTYPE.ipv4 : ETHERTYPE.ipv6, payload, ...ends });
}

export { Mouth };

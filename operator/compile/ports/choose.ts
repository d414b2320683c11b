// SPDX-License-Identifier: Apache-2.0
import { nameSome } from '../../../api/conditions.ts';
import {
  type Address,
  FAMILIES,
  type Family,
  formatAddress,
  makeAddress,
  sameAddress,
} from '../../../api/net/address.ts';
import { contains } from '../../../api/net/range.ts';
import type { RequestedAddress } from '../../../api/network-element.ts';
import type { Remark } from '../../../api/reasons.ts';
import { renderMac } from '../addresses/mac.ts';
import { pickAddress } from '../addresses/pick.ts';
import { addressComplaint, type Pool } from '../addresses/pool.ts';
import { type Holder, judgeHeld, type Obstacle } from './holder.ts';
import type { RoutedPools } from './routed.ts';
import type { NetworkView, Taken, Wanted } from './types.ts';

/** The input for choosing the addresses and the MAC of one attachment. */
export interface ChooseInput {
  readonly wanted: Wanted;
  readonly network: NetworkView & RoutedPools & { readonly vni: number };
  readonly podUid: string;
  readonly taken: Taken;
  readonly holder: (key: string) => Holder;
  /**
   * Addresses and MACs that earlier attachments of the same pod to the same network have chosen, but not claimed yet.
   */
  readonly mine: { readonly addresses: readonly Address[]; readonly macs: readonly string[] };
  /**
   * Addresses that the pod has on other networks, and those that it asks for there. It gets none of them here: what it
   * sends from an address goes by the interface of that address.
   */
  readonly elsewhere: { readonly held: readonly Address[]; readonly asked: readonly Address[] };
}

export type Choice<T> = { readonly kind: 'Chosen'; readonly value: T } | Obstacle;

/** Chooses one address of each family of the network: the requested one, else the former one, else the next free one. */
export function chooseAddresses(input: ChooseInput): Choice<readonly Address[]> {
  const cut = input.wanted.ips.find((ip) => poolOf({ pools: input.network.unrouted }, ip) !== undefined);
  if (cut !== undefined) return refuseUnrouted(input, cut.family);
  const stray = input.wanted.ips.find((ip) => poolOf(input.network, ip) === undefined);
  if (stray !== undefined) return refuseStray(input, stray);
  const misfit = input.wanted.ips.find((ip) => !fitsPrefix(input.network, ip));
  if (misfit !== undefined) return refuseMisfit(input, misfit);
  const addresses: Address[] = [];
  for (const family of FAMILIES) {
    const pools = input.network.pools.filter((pool) => pool.family === family);
    if (pools.length === 0) {
      if (input.network.unrouted.some((pool) => pool.family === family)) return refuseUnrouted(input, family);
      continue;
    }
    const asked = input.wanted.ips.filter((ip) => ip.family === family);
    const choices =
      asked.length === 0
        ? [takeFormer(input, pools) ?? pickFrom(input, pools)]
        : asked.map((ip) => takeAsked(input, ip));
    for (const choice of choices) {
      if (choice.kind !== 'Chosen') return choice;
      addresses.push(choice.value);
    }
  }
  return { kind: 'Chosen', value: addresses };
}

/** Chooses the MAC: the requested one, else the first free one that is derived from the pod. */
export function chooseMac(input: ChooseInput & { readonly asked: string | undefined }): Choice<string> {
  const { asked, network, taken, mine, wanted } = input;
  if (asked !== undefined) {
    const holders = taken.holdersOf(network.vni, asked);
    if (mine.macs.includes(asked)) return refuseTwice(wanted, `mac ${asked}`);
    if (holders.length === 0) return { kind: 'Chosen', value: asked };
    return judgeHeld(`${subject(wanted)}: mac ${asked}`, holders.map(input.holder));
  }
  for (let attempt = 0; ; attempt += 1) {
    const mac = renderMac({
      vni: network.vni,
      podUid: input.podUid,
      interfaceName: wanted.interface,
      attempt,
    });
    if (taken.holdersOf(network.vni, mac).length > 0 || mine.macs.includes(mac)) continue;
    return { kind: 'Chosen', value: mac };
  }
}

/** The beginning of a message: the element of the annotation, and the network that it names. */
export function subject({ element, network }: Wanted): string {
  return `${element}: network ${network.namespace}/${network.name}`;
}

function takeAsked(input: ChooseInput, asked: Address): Choice<Address> {
  const { wanted, network, taken, mine } = input;
  const text = formatAddress(asked);
  const complaint = addressComplaint(poolOf(network, asked)!, asked);
  if (complaint !== undefined) {
    return refuse(
      'AddressNotAllowed',
      `${subject(wanted)}: ${text} ${complaint}; ask for another or leave ips out`,
    );
  }
  const holders = taken.holdersOf(network.vni, asked);
  if (has(mine.addresses, asked) || has(input.elsewhere.held, asked)) return refuseTwice(wanted, text);
  if (holders.length === 0) return { kind: 'Chosen', value: asked };
  return judgeHeld(`${subject(wanted)}: ${text}`, holders.map(input.holder));
}

/** The address of the family of these pools that the pod had at this interface before, if it may have it again. */
function takeFormer(
  { wanted, network, taken, mine, elsewhere }: ChooseInput,
  pools: readonly Pool[],
): Choice<Address> | undefined {
  const value = wanted.former.find((address) => {
    const pool = address.family === pools[0]!.family ? poolOf(network, address) : undefined;
    const isFree =
      taken.holdersOf(network.vni, address).length === 0 &&
      !has([...mine.addresses, ...elsewhere.held, ...elsewhere.asked], address);
    return pool !== undefined && isFree && addressComplaint(pool, address) === undefined;
  });
  return value && { kind: 'Chosen', value };
}

function pickFrom(input: ChooseInput, pools: readonly Pool[]): Choice<Address> {
  for (const pool of pools) {
    const address = pickUnclaimed(input, pool);
    if (address !== undefined) return { kind: 'Chosen', value: address };
  }
  const full = nameSome(pools.map(({ cidr }) => cidr));
  return refuse(
    'SubnetExhausted',
    `${subject(input.wanted)} has no free IPv${pools[0]!.family} address (${full} full); ` +
      'add a subnet or remove pods, then this pod starts by itself',
  );
}

// Addresses that this pod has just chosen are not in the ledger yet, and those of its other networks are not in that of
// this one. The search steps over them, and stops when it has wrapped round.
function pickUnclaimed(input: ChooseInput, pool: Pool): Address | undefined {
  const { network, taken, mine, elsewhere } = input;
  const { family } = pool;
  const own = [...mine.addresses, ...elsewhere.held, ...elsewhere.asked];
  const occupancy = taken.taken(network.vni, family);
  let recent =
    mine.addresses.findLast((a) => a.family === family)?.value ?? taken.recent(network.vni, family);
  const seen = new Set<bigint>();
  for (;;) {
    const value = pickAddress({ pool, taken: occupancy, recent });
    if (value === undefined || seen.has(value)) return undefined;
    const address = makeAddress(family, value);
    if (!has(own, address)) return address;
    seen.add(value);
    recent = value;
  }
}

function refuseUnrouted({ wanted, network }: ChooseInput, family: Family): Choice<never> {
  const subnets = nameSome(network.unrouted.filter((pool) => pool.family === family).map(({ cidr }) => cidr));
  return refuse(
    'SubnetNotRouted',
    `${subject(wanted)}: ${subnets} is not routed into this pod, since it overlaps ranges of the cluster (condition Routed of the network); ` +
      'use another subnet, or set spec.routes.clusterRanges: Allow in the network, then this pod starts by itself',
  );
}

function refuseStray({ wanted, network }: ChooseInput, stray: Address): Choice<never> {
  const cidrs = network.pools.map(({ cidr }) => cidr).join(', ');
  return refuse(
    'AddressNotAllowed',
    `${subject(wanted)}: ${formatAddress(stray)} is in none of its subnets (${cidrs}); ask for another or leave ips out`,
  );
}

function refuseMisfit({ wanted, network }: ChooseInput, misfit: RequestedAddress): Choice<never> {
  const { cidr } = poolOf(network, misfit)!;
  const text = formatAddress(misfit);
  return refuse(
    'AddressNotAllowed',
    `${subject(wanted)}: ${text}/${misfit.prefixLength} does not fit its subnet ${cidr}; ` +
      `write ${text}/${prefixLengthOf(cidr)}, or the address alone`,
  );
}

function refuseTwice(wanted: Wanted, thing: string): Choice<never> {
  const text = `${thing} is on another interface of this pod, or asked for twice; ask for another or leave it out`;
  return refuse('AddressInUse', `${subject(wanted)}: ${text}`);
}

function refuse(
  reason: 'AddressInUse' | 'AddressNotAllowed' | 'SubnetExhausted' | 'SubnetNotRouted',
  message: string,
): { kind: 'Refused'; remark: Remark<'Pod'> } {
  return { kind: 'Refused', remark: { type: 'Warning', reason, message } };
}

function poolOf(network: Pick<NetworkView, 'pools'>, { family, value }: Address): Pool | undefined {
  return network.pools.find((pool) => pool.family === family && contains(pool.subnet, value));
}

function fitsPrefix(network: NetworkView, ip: RequestedAddress): boolean {
  return ip.prefixLength === undefined || ip.prefixLength === prefixLengthOf(poolOf(network, ip)!.cidr);
}

function prefixLengthOf(cidr: string): number {
  return Number(cidr.slice(cidr.indexOf('/') + 1));
}

function has(addresses: readonly Address[], address: Address): boolean {
  return addresses.some((other) => sameAddress(other, address));
}

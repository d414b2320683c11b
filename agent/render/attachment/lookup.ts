// SPDX-License-Identifier: Apache-2.0
import { annotations, type Port } from '../../../api/index.ts';
import { type Address, addressesOf, sameAddress } from '../../../api/net/address.ts';
import type { AttachedRoute, AttachedRule, Attachment, NetworkLookup } from './types.ts';

/**
 * How a pod's packets find the interfaces of its networks. The routes of networks have tables of their own, and rules
 * lead to them before the main table, so that no route of the pod's own network hides an address of a network:
 *
 *     80   from <address on a network>      lookup the table of that interface   (pods with several networks)
 *     90   from <address of the pod itself> lookup main
 *     100  lookup 7200, the table of all networks
 *
 * A packet with a source address goes by the interface of this address. So answers to the cluster (the kubelet's probes)
 * leave as they came, also where a network hides the addresses of the cluster. All other packets go by the networks, if
 * one has the destination: by the longest prefix, and among equal ones by the interface that comes first by its name.
 */
export const NETWORKS_TABLE = 7200;
const INTERFACE_TABLES = 7_200_000;
const TABLE_MAIN = 254;

const FROM_NETWORK = 80;
const FROM_POD = 90;
const TO_NETWORKS = 100;

/** Names of interfaces in the order of people: `net2` before `net10`. */
const { compare: compareNames } = new Intl.Collator('en', { numeric: true });

/**
 * Renders the place of a Port among the interfaces that its pod has on networks. The list of interfaces in a Port names
 * those too whose Ports are not there yet.
 * @param mates the other Ports of the pod that are on networks
 */
export function renderLookup(port: Port, mates: readonly Port[]): NetworkLookup {
  const all = [port, ...mates];
  const listed = all.flatMap(
    ({ metadata }) => metadata.annotations?.[annotations.interfaces]?.split(',') ?? [],
  );
  const names = new Set([...listed, ...all.map(({ spec }) => spec.interface)].filter((name) => name !== ''));
  const sorted = [...names].sort((a, b) => compareNames(a, b) || (a < b ? -1 : 1));
  return {
    rank: sorted.indexOf(port.spec.interface),
    alone: names.size === 1,
    mates: mates.flatMap(({ spec }) => addressesOf(spec.addresses)),
  };
}

/** A route of the interface, with all that distinguishes it from others in the namespace. */
export interface PlacedRoute extends AttachedRoute {
  readonly metric?: number;
}

/** The routes and rules of an attachment in its namespace. */
export interface Placed {
  readonly routes: readonly PlacedRoute[];
  readonly rules: readonly AttachedRule[];
  /** Whether a rule of ours that was found is obsolete. */
  readonly isObsolete: (rule: AttachedRule) => boolean;
}

/**
 * Renders what depends on numbers that the namespace gives: the index of the interface, and the addresses that the pod
 * has from others (its own network).
 */
export function placeInPod(
  { lookup, routes, rules, addresses }: Attachment,
  { ifindex, foreign }: { readonly ifindex: number; readonly foreign: readonly Address[] },
): Placed {
  if (lookup === undefined) return { routes, rules, isObsolete: () => false };
  const table = tableOf(ifindex);
  // No two interfaces have equal metrics, so that no route ever replaces that of another interface.
  const metric = lookup.rank * 0x1_0000 + (ifindex & 0xffff);
  const own = addresses.map(({ address }) => address);
  const ofPod = foreign.filter(
    (address) => ![...own, ...lookup.mates].some((one) => sameAddress(one, address)),
  );
  const families = new Set(own.map(({ family }) => family));
  const fromNetwork = lookup.alone ? [] : own.map((source) => ruleFrom(source, FROM_NETWORK, table));
  const fromPod = ofPod
    .filter(({ family }) => families.has(family))
    .map((source) => ruleFrom(source, FROM_POD, TABLE_MAIN));
  return {
    routes: [
      ...routes.map((route) => ({ ...route, metric })),
      ...(lookup.alone ? [] : routes.map((route) => ({ ...route, table }))),
    ],
    rules: [
      ...fromNetwork,
      ...fromPod,
      ...[...families].map(
        (family): AttachedRule => ({ family, priority: TO_NETWORKS, table: NETWORKS_TABLE }),
      ),
    ],
    isObsolete: ({ priority, source, table: to }) => {
      if (source === undefined) return false;
      const among = (list: readonly Address[]) => list.some((one) => sameAddress(one, source));
      if (priority === FROM_POD) return !among(ofPod);
      if (priority !== FROM_NETWORK) return false;
      return to === table ? !among(fromNetwork.map((rule) => rule.source)) : !among(lookup.mates);
    },
  };
}

/** The tables that may have routes of an attachment. Agents of the release before put those of networks into the main table. */
export function tablesOf({ lookup, routes }: Attachment, ifindex: number): readonly number[] {
  return lookup
    ? [NETWORKS_TABLE, tableOf(ifindex), TABLE_MAIN]
    : [...new Set(routes.map(({ table }) => table))];
}

function tableOf(ifindex: number): number {
  return INTERFACE_TABLES + ifindex;
}

function ruleFrom(source: Address, priority: number, table: number) {
  return { family: source.family, priority, table, source };
}

// SPDX-License-Identifier: Apache-2.0
import type { ChainHop, ChainInstance } from '../../api/index.ts';
import type { Chain } from './chain.ts';
import type { Facts } from './facts.ts';
import { hashNumber } from './flow.ts';
import {
  encodeTable,
  HOP_F_OPEN,
  HOP_F_REWRITES,
  type Hop,
  PATH_F_ANY_BEHIND,
  PATH_F_ANY_SOURCE,
  PATH_F_REWRITES,
  PATH_F_STRAIGHT,
  PATH_F_TRANSLATED,
} from './generated/layout.ts';
import { renderListeners } from './listeners.ts';
import { type Member, renderMaglevTable } from './maglev.ts';
import { poolId } from './pool.ts';

/** One hop, without its bank. */
export interface HopState {
  readonly hop: Hop;
  /** Bytes of its Maglev table; undefined if at most one instance takes new flows. */
  readonly table: Uint8Array | undefined;
}

export interface PathState {
  readonly flags: number;
  /** A hash of the list of functions, not of their instances. */
  readonly epoch: number;
  /** In the chain's order. */
  readonly hops: readonly HopState[];
  /** Listeners that the nodes may translate themselves, by bytesKey of the ListenerKey; empty without the fast path. */
  readonly listeners: ReadonlyMap<string, Uint8Array>;
}

/** One path for each chain, by path id. */
export function renderPaths(
  chains: readonly Chain[],
  facts: Pick<Facts, 'isDown'>,
): ReadonlyMap<number, PathState> {
  return new Map(chains.map((chain) => [chain.pathId, renderPath(chain, facts)]));
}

function renderPath(chain: Chain, facts: Pick<Facts, 'isDown'>): PathState {
  const hops = chain.hops.map((hop) => renderHop(chain.namespace, hop, facts));
  // The fast path needs an instance at each hop, else onFailure applies to every packet; and no rewriting function but a
  // load balancer whose listeners are known.
  const isWhole = hops.every(({ hop }) => hop.count > 0);
  const rewritten = chain.hops.some(rewrites);
  const straight = !rewritten ? PATH_F_STRAIGHT : chain.listeners.length > 0 ? PATH_F_TRANSLATED : 0;
  return {
    flags: (rewritten ? rewritingFlags(chain) : 0) | (chain.straight && isWhole ? straight : 0),
    epoch: epochOf(hops),
    hops,
    listeners: chain.straight ? renderListeners(chain) : new Map(),
  };
}

/** The epoch of a list of functions. A new list has a new epoch, so confirmations of the old list are not valid for it. */
function epochOf(hops: readonly HopState[]): number {
  return hops.reduce(
    (hash, { hop: { pool } }) =>
      hashNumber(Number(pool & 0xffffffffn), hashNumber(Number(pool >> 32n), hash)),
    hops.length,
  );
}

/** What the functions of a rewriting path may make of addresses. */
function rewritingFlags({ hops, behind }: Chain): number {
  // A load balancer leaves the source as it is, or takes its own address. Other functions may take any that is free.
  const isFree = hops.some((hop) => rewrites(hop) && hop.kind !== BALANCER);
  // An operator of the release before does not say where load balancers send.
  const isUnknown = behind === undefined && hops.some(({ kind }) => kind === BALANCER);
  return PATH_F_REWRITES | (isFree ? PATH_F_ANY_SOURCE : 0) | (isUnknown ? PATH_F_ANY_BEHIND : 0);
}

const BALANCER = 'LoadBalancer';

/** Kinds that change no addresses and ports, so a flow's hash is the same before and behind them. */
const KEEP_TUPLES: ReadonlySet<string> = new Set(['Firewall']);

export function rewrites({ kind }: Pick<ChainHop, 'kind'>): boolean {
  return !KEEP_TUPLES.has(kind);
}

/** The weight of an instance if its slice has none. */
const DEFAULT_WEIGHT = 100;

function renderHop(namespace: string, hop: ChainHop, facts: Pick<Facts, 'isDown'>): HopState {
  const members = hop.instances
    .filter((instance) => takesNewFlows(instance, facts))
    .map(({ id, weight }): Member => ({ id, weight: weight ?? DEFAULT_WEIGHT }));
  return {
    hop: {
      pool: poolId({ namespace, kind: hop.kind, name: hop.name }),
      flags: (hop.onFailure === 'Open' ? HOP_F_OPEN : 0) | (rewrites(hop) ? HOP_F_REWRITES : 0),
      count: members.length,
      instance: members.length === 1 ? members[0]!.id : 0,
    },
    table: members.length > 1 ? tableOf(members) : undefined,
  };
}

/** Whether an instance takes new flows. A draining one does not; it keeps its flows, which are pinned to it. */
function takesNewFlows({ id, node, state, weight }: ChainInstance, facts: Pick<Facts, 'isDown'>): boolean {
  return state !== 'Draining' && weight !== 0 && !facts.isDown({ id, node, state });
}

/** Tables by their members: chains share functions, and most passes change no instance. */
const tables = new Map<string, Uint8Array>();
const MOST_TABLES = 512;

function tableOf(members: readonly Member[]): Uint8Array {
  const key = members.map(({ id, weight }) => `${id}:${weight}`).join();
  const known = tables.get(key);
  if (known) return known;
  const table = encodeTable({ slot: renderMaglevTable(members) });
  if (tables.size >= MOST_TABLES) tables.clear();
  tables.set(key, table);
  return table;
}

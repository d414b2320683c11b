// SPDX-License-Identifier: Apache-2.0
import { LARGEST_ID } from '../../../api/context/context.ts';
import { type Address, type Family, sameAddress } from '../../../api/net/address.ts';
import { Occupancy } from './occupancy.ts';

/** The addresses, MAC and instance id that a Port holds or is about to claim. No other Port may have them. */
export interface Claim {
  /** `namespace/name` of the Port. */
  readonly key: string;
  /** The VNI of the Port's network. Absent for the chain0 of a function, which belongs to no network. */
  readonly vni?: number | undefined;
  readonly addresses: readonly Address[];
  readonly mac?: string | undefined;
  /** The instance id. Only the chain0 of a function has one. */
  readonly instance?: number | undefined;
  /** Creation time as in metadata (RFC 3339). It decides where the next search starts after a restart. */
  readonly createdAt?: string | undefined;
}

interface Book {
  readonly taken: { readonly 4: Occupancy; readonly 6: Occupancy };
  readonly recent: { 4: bigint | undefined; 6: bigint | undefined };
  recentAt: string;
  /** Address or MAC -> the Ports that claim it. More than one Port claims it only until the claims are judged. */
  readonly holders: Map<string, Set<string>>;
  /** Addresses that the Ports of each namespace claim. */
  readonly shares: Map<string, { 4: number; 6: number }>;
}

interface Reservation {
  readonly claim: Claim;
  /** End of the reservation, in milliseconds. A Port that was not seen by then was not created. */
  readonly until: number;
}

/**
 * Ledger indexes the addresses, MACs and instance ids in use. It is updated by each change of a Port, and by the
 * claims that this process has sent but not yet seen in the watch. A lookup takes constant time instead of a scan
 * over all Ports. The ledger makes no decisions. Addresses are kept for each VNI, instance ids once for the whole
 * cluster.
 */
export class Ledger {
  readonly #claims = new Map<string, Claim>();
  readonly #reservations = new Map<string, Reservation>();
  readonly #books = new Map<number, Book>();
  readonly #instances = new Occupancy();
  readonly #instanceHolders = new Map<number, Set<string>>();
  /** Ports on networks, for each namespace. */
  readonly #ports = new Map<string, number>();
  #recentInstance: number | undefined;

  /**
   * Stores the claim of a Port that the watch has shown. It replaces the earlier claim or reservation under the same
   * key.
   */
  put(claim: Claim): void {
    const before = this.#claims.get(claim.key) ?? this.#reservations.get(claim.key)?.claim;
    this.#reservations.delete(claim.key);
    this.#claims.set(claim.key, claim);
    // Most changes of a Port concern its status only. They change no claim, and not the place where the next search
    // starts.
    if (before !== undefined && claimsSame(before, claim)) return;
    if (before !== undefined) this.#strike(before);
    this.#enter(claim);
  }

  /** Removes the claim of a Port that was deleted. */
  drop(key: string): void {
    this.release(key);
    const claim = this.#claims.get(key);
    if (claim === undefined) return;
    this.#claims.delete(key);
    this.#strike(claim);
  }

  /**
   * Reserves a claim until the Port is seen or the time is over. Between the write of the Port and its event in the
   * watch, no other pass of this process may choose the same address.
   */
  reserve(claim: Claim, until: number): void {
    this.release(claim.key);
    if (this.#claims.has(claim.key)) return;
    this.#reservations.set(claim.key, { claim, until });
    this.#enter(claim);
  }

  /** Removes a reservation whose write failed. */
  release(key: string): void {
    const reservation = this.#reservations.get(key);
    if (reservation === undefined) return;
    this.#reservations.delete(key);
    this.#strike(reservation.claim);
  }

  /** Forgets reservations whose Port was created and deleted without ever being seen. */
  expire(now: number): void {
    for (const [key, reservation] of this.#reservations) if (reservation.until <= now) this.release(key);
  }

  /** Whether a claim under this key was sent and is not seen yet. */
  isReserved(key: string): boolean {
    return this.#reservations.has(key);
  }

  /** Ports that hold an address or a MAC (as text) of a network; `namespace/name` of each. */
  holdersOf(vni: number, thing: Address | string): readonly string[] {
    const holders = this.#books.get(vni)?.holders.get(typeof thing === 'string' ? thing : thingOf(thing));
    return [...(holders ?? [])].sort();
  }

  /** Ports that hold an instance id. */
  instanceHolders(instance: number): readonly string[] {
    return [...(this.#instanceHolders.get(instance) ?? [])].sort();
  }

  taken(vni: number, family: Family): Occupancy {
    return this.#books.get(vni)?.taken[family] ?? EMPTY;
  }

  /** The address of the family that was allocated last. */
  recent(vni: number, family: Family): bigint | undefined {
    return this.#books.get(vni)?.recent[family];
  }

  /** How many addresses of a network the Ports of a namespace claim. */
  share(vni: number, namespace: string, family: Family): number {
    return this.#books.get(vni)?.shares.get(namespace)?.[family] ?? 0;
  }

  /** How many Ports on networks a namespace has. */
  portsOf(namespace: string): number {
    return this.#ports.get(namespace) ?? 0;
  }

  /** The next free instance id after the last allocated one. The search starts again from 1 after the largest id. */
  freeInstance(): number | undefined {
    const after = BigInt((this.#recentInstance ?? 0) + 1);
    const free =
      this.#instances.firstFree(after, LAST_INSTANCE) ?? this.#instances.firstFree(1n, LAST_INSTANCE);
    return free === undefined ? undefined : Number(free);
  }

  /** Whether anything is claimed in a VNI. Reservations count too. */
  isUsed(vni: number): boolean {
    return (this.#books.get(vni)?.holders.size ?? 0) > 0;
  }

  #enter(claim: Claim): void {
    if (claim.instance !== undefined) {
      this.#instances.add(BigInt(claim.instance));
      this.#recentInstance = claim.instance;
      link(this.#instanceHolders, claim.instance, claim.key);
    }
    if (claim.vni === undefined) return;
    const book = this.#book(claim.vni);
    for (const thing of thingsOf(claim)) link(book.holders, thing, claim.key);
    for (const { family, value } of claim.addresses) book.taken[family].add(value);
    this.#count(book, claim, 1);
    moveRecent(book, claim);
  }

  #strike(claim: Claim): void {
    if (claim.instance !== undefined && unlink(this.#instanceHolders, claim.instance, claim.key)) {
      this.#instances.remove(BigInt(claim.instance));
    }
    const book = claim.vni === undefined ? undefined : this.#books.get(claim.vni);
    if (claim.vni === undefined || book === undefined) return;
    this.#count(book, claim, -1);
    if (claim.mac !== undefined) unlink(book.holders, claim.mac, claim.key);
    for (const address of claim.addresses) {
      if (!unlink(book.holders, thingOf(address), claim.key)) continue;
      book.taken[address.family].remove(address.value);
    }
  }

  /** Adds a claim to the shares of its namespace, or takes it away. The claims of load balancers have no namespace. */
  #count(book: Book, claim: Claim, by: 1 | -1): void {
    const namespace = claim.key.slice(0, claim.key.indexOf('/'));
    this.#ports.set(namespace, (this.#ports.get(namespace) ?? 0) + by);
    if (this.#ports.get(namespace) === 0) this.#ports.delete(namespace);
    const share = book.shares.get(namespace) ?? { 4: 0, 6: 0 };
    for (const { family } of claim.addresses) share[family] += by;
    if (share[4] === 0 && share[6] === 0) book.shares.delete(namespace);
    else book.shares.set(namespace, share);
  }

  #book(vni: number): Book {
    let book = this.#books.get(vni);
    if (book === undefined) {
      book = {
        taken: { 4: new Occupancy(), 6: new Occupancy() },
        recent: { 4: undefined, 6: undefined },
        recentAt: '',
        holders: new Map(),
        shares: new Map(),
      };
      this.#books.set(vni, book);
    }
    return book;
  }

  /** Removes everything that is recorded for a VNI whose network was deleted. */
  forget(vni: number): void {
    if (this.#books.get(vni)?.holders.size === 0) this.#books.delete(vni);
  }
}

const LAST_INSTANCE = BigInt(LARGEST_ID);
const EMPTY = new Occupancy();

// A key in base 36 is faster to make than the text form of an address, and no MAC has this form.
function thingOf({ family, value }: Address): string {
  return `${family}|${value.toString(36)}`;
}

function claimsSame(a: Claim, b: Claim): boolean {
  return (
    a.vni === b.vni &&
    a.mac === b.mac &&
    a.instance === b.instance &&
    a.addresses.length === b.addresses.length &&
    a.addresses.every((address, i) => sameAddress(address, b.addresses[i]!))
  );
}

function thingsOf(claim: Claim): string[] {
  const addresses = claim.addresses.map(thingOf);
  return claim.mac === undefined ? addresses : [...addresses, claim.mac];
}

// Ports arrive in any order after a restart. The newest Port shows where the search had stopped.
function moveRecent(book: Book, claim: Claim): void {
  const at = claim.createdAt ?? book.recentAt;
  if (at < book.recentAt) return;
  book.recentAt = at;
  for (const { family, value } of claim.addresses) book.recent[family] = value;
}

function link<T>(holders: Map<T, Set<string>>, thing: T, key: string): void {
  const keys = holders.get(thing);
  if (keys === undefined) holders.set(thing, new Set([key]));
  else keys.add(key);
}

/** Removes a Port from the holders of a thing. True when no holder is left. */
function unlink<T>(holders: Map<T, Set<string>>, thing: T, key: string): boolean {
  const keys = holders.get(thing);
  keys?.delete(key);
  if (keys === undefined || keys.size > 0) return false;
  holders.delete(thing);
  return true;
}

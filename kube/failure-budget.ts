// SPDX-License-Identifier: Apache-2.0
import { tryParseAddress } from '../api/net/address.ts';
import type { Clock } from './base/clock.ts';
import { TokenBucket, type TokenBucketOptions } from './base/token-bucket.ts';

/** Refused tokens of one client that the API server is asked about: at once, and then one in each second. */
const CLIENT: TokenBucketOptions = { burst: 10, refillMs: 1000 };
/** Of all clients together: a host may have more addresses than anybody can count. */
const ALL: TokenBucketOptions = { burst: 100, refillMs: 100 };
const MOST_CLIENTS = 1024;

/**
 * FailureBudget limits how often clients make this program ask the API server about tokens that it refuses: each client
 * by itself, and all together.
 */
export class FailureBudget {
  readonly #clock: Pick<Clock, 'monotonic'>;
  /** Least recently used first. A client that is forgotten has its whole budget again; the one of all goes on. */
  readonly #clients = new Map<string, TokenBucket>();
  readonly #all: TokenBucket;

  constructor(clock: Pick<Clock, 'monotonic'>) {
    this.#clock = clock;
    this.#all = new TokenBucket(ALL, clock.monotonic());
  }

  /** Takes one from the budget of an address; false when nothing is left. */
  take(address: string): boolean {
    const now = this.#clock.monotonic();
    const client = this.#client(address, now);
    if (client.left(now) < 1 || this.#all.left(now) < 1) return false;
    client.add(-1);
    this.#all.add(-1);
    return true;
  }

  /** Gives back what was taken for a token that was not refused. */
  giveBack(address: string): void {
    const now = this.#clock.monotonic();
    this.#client(address, now).add(1);
    this.#all.add(1);
  }

  #client(address: string, now: number): TokenBucket {
    const client = clientOf(address);
    const bucket = this.#clients.get(client) ?? new TokenBucket(CLIENT, now);
    this.#clients.delete(client);
    this.#clients.set(client, bucket);
    const [first] = this.#clients.keys();
    if (this.#clients.size > MOST_CLIENTS && first !== undefined) this.#clients.delete(first);
    return bucket;
  }
}

const IPV4_IN_IPV6 = /^::ffff:(?=\d+\.)/i;

/** Who has an address: an IPv6 host chooses its addresses within a /64 (RFC 8981); an IPv4 one has one, in either form. */
function clientOf(text: string): string {
  const address = tryParseAddress(text.replace(IPV4_IN_IPV6, '').replace(/%.*/, ''));
  return address?.family === 6 ? `${address.value >> 64n}/64` : String(address?.value ?? text);
}

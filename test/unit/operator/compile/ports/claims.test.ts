// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type Contender,
  compareResourceVersions,
  judgeClaim,
} from '../../../../../operator/compile/ports/claims.ts';

// A model of the API server and of leaders that believe to be alone. Every leader sees the one history of Ports,
// each as far as it has read; the server refuses a write whose resourceVersion is not the current one.

interface Row {
  readonly rv: number;
  readonly accepted: boolean;
  readonly address: number;
}

type Event = { readonly key: string; readonly row: Row | undefined };

class Server {
  readonly rows = new Map<string, Row>();
  readonly history: Event[] = [];
  /** Addresses that ever had two Accepted holders at once: must stay empty. */
  readonly doubles: string[] = [];

  write(key: string, expected: number | undefined, row: Omit<Row, 'rv'> | undefined): void {
    if (this.rows.get(key)?.rv !== expected) return;
    const next = row === undefined ? undefined : { ...row, rv: 8 + this.history.length };
    this.history.push({ key, row: next });
    if (next === undefined) this.rows.delete(key);
    else this.rows.set(key, next);
    const accepted = [...this.rows.values()].filter((r) => r.accepted).map((r) => r.address);
    if (new Set(accepted).size !== accepted.length)
      this.doubles.push(`after ${JSON.stringify(row)} of ${key}`);
  }
}

class Leader {
  #read = 0;
  readonly #view = new Map<string, Row>();
  readonly #name: string;
  readonly #server: Server;
  #claims = 0;

  constructor(name: string, server: Server) {
    this.#name = name;
    this.#server = server;
  }

  read(events: number): void {
    for (const { key, row } of this.#server.history.slice(this.#read, this.#read + events)) {
      if (row === undefined) this.#view.delete(key);
      else this.#view.set(key, row);
      this.#read += 1;
    }
  }

  /** Claims an address that is free as far as this leader has read. */
  claim(address: number): void {
    if ([...this.#view.values()].some((row) => row.address === address)) return;
    this.#claims += 1;
    this.#server.write(`${this.#name}${this.#claims}`, undefined, { accepted: false, address });
  }

  /** What the Port controller does with one key. */
  judge(pick: number): void {
    const key = [...this.#view.keys()][pick % Math.max(this.#view.size, 1)];
    const row = key === undefined ? undefined : this.#view.get(key);
    if (key === undefined || row === undefined || row.accepted) return;
    const contenders = [...this.#view]
      .filter(([, rival]) => rival.address === row.address)
      .map(([rivalKey, rival]) => contender(rivalKey, rival));
    const verdict = judgeClaim(contender(key, row), [{ thing: String(row.address), contenders }]);
    this.#server.write(key, row.rv, verdict.kind === 'Wins' ? { ...row, accepted: true } : undefined);
  }

  /** Any other write to a Port: it moves the resourceVersion. */
  touch(pick: number): void {
    const key = [...this.#view.keys()][pick % Math.max(this.#view.size, 1)];
    const row = key === undefined ? undefined : this.#view.get(key);
    if (key !== undefined && row !== undefined) this.#server.write(key, row.rv, row);
  }
}

function contender(key: string, row: Row): Contender {
  return { key, resourceVersion: String(row.rv), accepted: row.accepted };
}

const leader = fc.integer({ min: 0, max: 2 });
const step = fc.oneof(
  fc.record({ do: fc.constant('read' as const), leader, n: fc.integer({ min: 1, max: 4 }) }),
  fc.record({ do: fc.constant('claim' as const), leader, n: fc.integer({ min: 0, max: 2 }) }),
  fc.record({ do: fc.constant('judge' as const), leader, n: fc.nat(5) }),
  fc.record({ do: fc.constant('judge' as const), leader, n: fc.nat(5) }),
  fc.record({ do: fc.constant('touch' as const), leader, n: fc.nat(5) }),
  fc.record({ do: fc.constant('free' as const), leader, n: fc.nat(5) }),
);

// security.md: tenant-takes-address
describe('with three leaders that each believe to be the only one', () => {
  test('no interleaving of reads, claims and judgements gives an address twice', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60, size: 'max' }), (steps) => {
        const server = new Server();
        const leaders = ['a', 'b', 'c'].map((name) => new Leader(name, server));
        for (const { do: what, leader: who, n } of steps) {
          if (what === 'free') {
            const key = [...server.rows.keys()][n];
            server.write(key ?? '', key === undefined ? undefined : server.rows.get(key)?.rv, undefined);
          } else leaders[who]![what](n);
        }
        expect(server.doubles).toEqual([]);
      }),
      { numRuns: 5000 },
    );
  });

  test('once all have read everything, one claim of each address is Accepted and no other is left', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const server = new Server();
        const leaders = ['a', 'b', 'c'].map((name) => new Leader(name, server));
        for (const { do: what, leader: who, n } of steps) if (what !== 'free') leaders[who]![what](n);
        for (let round = 0; round < 40; round += 1) {
          leaders[0]!.read(1000);
          leaders[0]!.judge(round);
        }
        const rows = [...server.rows.values()];
        expect(rows.every((row) => row.accepted)).toBe(true);
        expect(new Set(rows.map((row) => row.address)).size).toBe(rows.length);
        expect(server.doubles).toEqual([]);
      }),
      { numRuns: 1000 },
    );
  });
});

describe('a claim', () => {
  const claim = (key: string, resourceVersion: string, accepted = false): Contender => ({
    key,
    resourceVersion,
    accepted,
  });

  test('loses to an Accepted one whatever their age, and is told to whom and for what', () => {
    const mine = claim('shop/a', '7');
    const rivals = [{ thing: '10.20.0.5', contenders: [mine, claim('shop/b', '9', true)] }];
    expect(judgeClaim(mine, rivals)).toEqual({ kind: 'Loses', to: 'shop/b', thing: '10.20.0.5' });
  });

  test('wins over one that was written later', () => {
    const mine = claim('shop/a', '99');
    expect(judgeClaim(mine, [{ thing: 'x', contenders: [mine, claim('shop/b', '100')] }])).toEqual({
      kind: 'Wins',
    });
  });

  test('never loses to another version of itself', () => {
    const older = claim('shop/a', '7', true);
    expect(judgeClaim(claim('shop/a', '9'), [{ thing: 'x', contenders: [older] }])).toEqual({ kind: 'Wins' });
  });

  test('compares resourceVersions as numbers of any size', () => {
    expect(compareResourceVersions('9', '10')).toBeLessThan(0);
    expect(compareResourceVersions('90071992547409931', '90071992547409932')).toBeLessThan(0);
    expect(compareResourceVersions('90071992547409932', '90071992547409931')).toBeGreaterThan(0);
    expect(compareResourceVersions('5', '5')).toBe(0);
  });
});

// SPDX-License-Identifier: Apache-2.0
import type { Logger } from '../../../kube/base/log.ts';
import { renderContextTable } from './context-table.ts';
import type { CounterTotals } from './counters.ts';
import { type Nft, NftError } from './nft.ts';
import { CLOSED, formatReplacement, type Ruleset, TABLE } from './ruleset.ts';
import { diffRulesets } from './transaction.ts';

/** The table of a function in the kernel of this namespace, and its last known content. */
export class KernelTable {
  readonly #nft: Nft;
  readonly #counters: CounterTotals;
  readonly #log: Logger;
  /** Undefined when this process has not written the table, or when the table may have changed since. */
  #current: Ruleset | undefined;

  constructor(options: { readonly nft: Nft; readonly counters: CounterTotals; readonly log: Logger }) {
    const { nft, counters, log } = options;
    this.#nft = nft;
    this.#counters = counters;
    this.#log = log;
  }

  /**
   * Fails closed: no packet passes before the first ruleset. A table that exists already was left by an earlier process
   * of this pod; it stays in force until the first ruleset replaces it.
   */
  async open(): Promise<void> {
    if (await this.#exists()) {
      this.#log.info(
        'the ruleset of an earlier process is in force; it stays until our first ruleset replaces it',
      );
      return;
    }
    await this.#nft.transact(renderContextTable());
    await this.#replace(CLOSED);
  }

  /** Makes the kernel equal to the ruleset, in one transaction that has only the differences. */
  async apply(next: Ruleset): Promise<void> {
    if (this.#current) await this.#change(this.#current, next);
    else await this.#replace(next);
    this.#counters.keep(next.counters);
  }

  /** Restores the tables if another program has removed them; returns whether it had to. */
  async mend(): Promise<boolean> {
    const wanted = this.#current;
    if (!wanted || (await this.#exists())) return false;
    await this.#nft.transact(renderContextTable());
    await this.#nft.transact(formatReplacement(wanted));
    return true;
  }

  async #change(current: Ruleset, next: Ruleset): Promise<void> {
    const commands = diffRulesets(current, next);
    if (commands === '') return;
    try {
      await this.#nft.transact(commands);
      this.#current = next;
    } catch (error) {
      if (!(error instanceof NftError)) throw error;
      // Another program may have changed the table. The whole ruleset decides: if it fails too, its error is the cause.
      this.#log.warn({ error }, 'the change was refused, replacing the whole table');
      await this.#replace(next);
    }
  }

  /** Replaces the whole table in one transaction. */
  async #replace(next: Ruleset): Promise<void> {
    if (await this.#exists()) await this.#counters.collect();
    this.#current = undefined;
    await this.#nft.transact(formatReplacement(next));
    this.#current = next;
  }

  async #exists(): Promise<boolean> {
    try {
      await this.#nft.run(['-t', 'list', 'table', ...TABLE.split(' ')]);
      return true;
    } catch (error) {
      if (error instanceof NftError && /No such file or directory/.test(error.message)) return false;
      throw error;
    }
  }
}

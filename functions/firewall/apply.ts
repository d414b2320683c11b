import type { Logger } from '../../operator/runtime/log.ts';
import { renderContextTable } from './context-table.ts';
import { readCounters } from './counters.ts';
import { type Nft, NftError } from './nft.ts';
import { CLOSED } from './render.ts';
import { type CounterValue, formatReplacement, type Ruleset, TABLE } from './ruleset.ts';
import { diffRulesets } from './transaction.ts';

/** The firewall's table in the kernel of this namespace, and what we know to be in it. */
export class KernelTable {
  readonly #nft: Nft;
  readonly #log: Logger;
  /** Undefined: not put there by this process, or perhaps no longer as we left it. */
  #current: Ruleset | undefined;

  constructor(nft: Nft, log: Logger) {
    this.#nft = nft;
    this.#log = log;
  }

  /**
   * Fails closed: nothing passes before the first ruleset. A table that is there already was left by a process
   * of this very pod that ended; it stays in force until its successor knows better.
   */
  async open(): Promise<void> {
    if (await this.#exists()) {
      this.#log.info('a ruleset is in force already; it stays until the first of ours');
      return;
    }
    await this.#nft.transact(renderContextTable());
    await this.replace(CLOSED);
  }

  /** Makes the kernel equal to the ruleset in one transaction of what differs. */
  async apply(next: Ruleset): Promise<void> {
    if (!this.#current) return this.replace(next);
    const commands = diffRulesets(this.#current, next);
    if (commands === '') return;
    try {
      await this.#nft.transact(commands);
      this.#current = next;
    } catch (error) {
      if (!(error instanceof NftError)) throw error;
      // Somebody may have touched the table. What counts is the whole ruleset: that says what is wrong.
      this.#log.warn({ error }, 'the change was refused, replacing the whole table');
      await this.replace(next);
    }
  }

  /** Puts the whole table there anew, in one transaction, with the counts so far. */
  async replace(next: Ruleset): Promise<void> {
    const seeds = (await this.#exists()) ? await readCounters(this.#nft) : new Map<string, CounterValue>();
    this.#current = undefined;
    await this.#nft.transact(formatReplacement(next, seeds));
    this.#current = next;
  }

  async #exists(): Promise<boolean> {
    const tables = JSON.parse(await this.#nft.run(['-j', 'list', 'tables'])) as {
      nftables: readonly { table?: { family: string; name: string } }[];
    };
    return tables.nftables.some(({ table }) => table && `${table.family} ${table.name}` === TABLE);
  }
}

// SPDX-License-Identifier: Apache-2.0
import { chainTable } from '../../api/context/instance.ts';
import { type Address, parseAddress } from '../../api/net/address.ts';
import { formatPrefix, hostPrefix } from '../../api/net/prefix.ts';
import type { Clock } from '../../kube/base/clock.ts';
import type { Logger } from '../../kube/base/log.ts';
import { createTools } from '../shared/tools.ts';
import { Departures } from './departures.ts';

const tools = createTools();

/**
 * How long after its drain time a removed address is still held, as source of the ICMP errors that refuse its flows. It
 * ends before the operator may give the address to another (REFUSED_MS there): packets to it must not stay here then.
 */
const REFUSED_MS = 45_000;

/**
 * Adds addresses to this namespace, so that health checks can use them as source, and routes packets from them out of
 * chain0, whatever the pod's own routes are. Packets of chains are not delivered to these addresses, because their
 * routing rule comes before the one of the local table.
 */
export class OwnAddresses {
  readonly #held = new Set<string>();
  readonly #leaving: Departures<string>;

  constructor({ clock, log }: { readonly clock: Clock; readonly log: Pick<Logger, 'warn'> }) {
    const onGone = (address: string): void => {
      this.#held.delete(address);
      release(address).catch((error: unknown) =>
        log.warn({ address, error }, 'a removed address could not be taken from this namespace'),
      );
    };
    this.#leaving = new Departures({ clock, onGone });
  }

  /** Holds these addresses, and those that were removed for as long as their flows drain or are refused. */
  async follow(addresses: readonly string[], drainMs: number): Promise<void> {
    for (const address of this.#held) {
      if (addresses.includes(address)) this.#leaving.stay(address);
      else this.#leaving.leave(address, address);
    }
    this.#leaving.endAfter(drainMs + REFUSED_MS);
    for (const address of addresses) {
      if (this.#held.has(address)) continue;
      await hold(address);
      this.#held.add(address);
    }
  }

  stop(): void {
    this.#leaving.stop();
  }
}

/** The preference of our routing rule: after the rules of the mark (0) and of the local table (1). */
const PREFERENCE = '2';

async function hold(text: string): Promise<void> {
  const address = parseAddress(text);
  const nodad = address.family === 6 ? ['nodad'] : [];
  await tools.run('ip', ['addr', 'replace', wholeOf(address), 'dev', 'lo', ...nodad]);
  // An earlier process may have left the rule.
  await tools.run('ip', rule('del', address)).catch(() => undefined);
  await tools.run('ip', rule('add', address));
}

async function release(text: string): Promise<void> {
  const address = parseAddress(text);
  await tools.run('ip', rule('del', address));
  await tools.run('ip', ['addr', 'del', wholeOf(address), 'dev', 'lo']);
}

function rule(verb: 'add' | 'del', address: Address): string[] {
  const from = wholeOf(address);
  const table = String(chainTable);
  // `iif lo`: packets of sockets here. Others may have the address as source until they leave (outside.ts).
  return [`-${address.family}`, 'rule', verb, 'pref', PREFERENCE, 'from', from, 'iif', 'lo', 'lookup', table];
}

function wholeOf(address: Address): string {
  return formatPrefix(hostPrefix(address));
}

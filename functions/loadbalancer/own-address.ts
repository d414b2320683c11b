// SPDX-License-Identifier: Apache-2.0
import { chainTable } from '../../api/context/instance.ts';
import { type Address, parseAddress } from '../../api/net/address.ts';
import { formatPrefix, hostPrefix } from '../../api/net/prefix.ts';
import { createTools } from '../shared/tools.ts';

const tools = createTools();

/**
 * Adds addresses to this namespace, so that health checks can use them as source, and routes packets from them out of
 * chain0, whatever the pod's own routes are. Packets of chains are not delivered to these addresses, because their
 * routing rule comes before the one of the local table.
 */
export async function holdAddresses(addresses: readonly string[], before: readonly string[]): Promise<void> {
  for (const address of before) {
    if (!addresses.includes(address)) await release(address);
  }
  for (const address of addresses) {
    if (!before.includes(address)) await hold(address);
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

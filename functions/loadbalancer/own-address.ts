import { chainTable } from '../../api/context/instance.ts';
import { createTools } from '../shared/tools.ts';

const tools = createTools();

/**
 * Makes addresses this namespace's own, so that health checks can come from them, and sends what does out of chain0
 * whatever the pod's own routes are. Packets of chains are not delivered to them: their rule of routing is before that
 * of the local table.
 */
export async function holdAddresses(addresses: readonly string[], before: readonly string[]): Promise<void> {
  for (const address of before) {
    if (!addresses.includes(address)) await release(address);
  }
  for (const address of addresses) {
    if (!before.includes(address)) await hold(address);
  }
}

/** After the rules of the mark (0) and of the local table (1). */
const PREFERENCE = '2';

async function hold(address: string): Promise<void> {
  const nodad = address.includes(':') ? ['nodad'] : [];
  await tools.run('ip', ['addr', 'replace', wholeOf(address), 'dev', 'lo', ...nodad]);
  // A process before us may have left the rule.
  await tools.run('ip', rule('del', address)).catch(() => undefined);
  await tools.run('ip', rule('add', address));
}

async function release(address: string): Promise<void> {
  await tools.run('ip', rule('del', address));
  await tools.run('ip', ['addr', 'del', wholeOf(address), 'dev', 'lo']);
}

function rule(verb: 'add' | 'del', address: string): string[] {
  const family = address.includes(':') ? '-6' : '-4';
  return [family, 'rule', verb, 'pref', PREFERENCE, 'from', wholeOf(address), 'lookup', String(chainTable)];
}

function wholeOf(address: string): string {
  return `${address}/${address.includes(':') ? 128 : 32}`;
}

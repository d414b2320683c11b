import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const execute = promisify(execFile);

/**
 * Makes addresses this namespace's own, so that health checks can come from them. Packets of chains are not delivered
 * to them: their rule of routing is before that of the local table.
 */
export async function holdAddresses(addresses: readonly string[], before: readonly string[]): Promise<void> {
  for (const address of before) {
    if (!addresses.includes(address)) await change('del', address);
  }
  for (const address of addresses) await change('replace', address);
}

async function change(verb: 'replace' | 'del', address: string): Promise<void> {
  const isV6 = address.includes(':');
  const nodad = isV6 && verb === 'replace' ? ['nodad'] : [];
  await execute('ip', ['addr', verb, `${address}/${isV6 ? 128 : 32}`, 'dev', 'lo', ...nodad]);
}

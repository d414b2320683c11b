// SPDX-License-Identifier: Apache-2.0
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { LOG_GROUP } from './rule-chain.ts';

const PLUGINS = ['inppkt_NFLOG', 'raw2packet_BASE', 'filter_IP2STR', 'output_JSON'];

/** Pure: the configuration of ulogd that writes each logged packet as a line of JSON to a Unix socket. */
export function renderUlogdConfig(pluginFolder: string, socket: string): string {
  return [
    '[global]',
    'logfile="stdout"',
    'loglevel=5',
    ...PLUGINS.map((plugin) => `plugin="${pluginFolder}/ulogd_${plugin}.so"`),
    'stack=log1:NFLOG,base1:BASE,ip2str1:IP2STR,json1:JSON',
    '[log1]',
    `group=${LOG_GROUP}`,
    // A burst that does not fit is missing in the log only; the packets themselves are not affected.
    'netlink_socket_buffer_size=1048576',
    'netlink_socket_buffer_maxsize=4194304',
    '[json1]',
    'mode="unix"',
    `file="${socket}"`,
    '',
  ].join('\n');
}

/** Debian keeps libraries in a folder named after the machine. */
export function findPluginFolder(root = '/usr/lib'): string {
  for (const entry of readdirSync(root)) {
    const folder = join(root, entry, 'ulogd');
    try {
      readdirSync(folder);
      return folder;
    } catch {
      // Not this one.
    }
  }
  throw new Error(`no folder ${root}/*/ulogd: the image needs the packages ulogd2 and ulogd2-json`);
}

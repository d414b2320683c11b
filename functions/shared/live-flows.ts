// SPDX-License-Identifier: Apache-2.0
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { isLive, parseFlow, type Timeouts } from './flow.ts';

/**
 * Whether the namespace still has a flow of a chain that needs this instance. The first one found is enough, so an
 * instance with 60,000 flows costs no more than one with ten.
 */
export function hasLiveFlows(): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const child = spawn('conntrack', ['-L'], { stdio: ['ignore', 'pipe', 'pipe'] });
    const timeouts = createTimeouts();
    let complaint = '';
    child.stderr.on('data', (data) => {
      complaint += String(data);
    });
    child.once('error', reject);
    createInterface({ input: child.stdout }).on('line', (line) => {
      const flow = parseFlow(line);
      if (!flow || !isLive(flow, timeouts)) return;
      resolve(true);
      child.kill();
    });
    child.once('close', (code, signal) => {
      if (code === 0 || signal !== null) resolve(false);
      else reject(new Error(`conntrack -L: exit ${code}: ${complaint.trim()}`));
    });
  });
}

/**
 * The current conntrack timeouts of this namespace. They may change between two checks, so each check reads them again,
 * each once.
 */
function createTimeouts(): Timeouts {
  const known = new Map<string, number | undefined>();
  return (setting) => {
    if (!known.has(setting)) known.set(setting, readTimeout(setting));
    return known.get(setting);
  };
}

function readTimeout(setting: string): number | undefined {
  try {
    return Number(readFileSync(`/proc/sys/net/netfilter/nf_conntrack_${setting}`, 'utf8'));
  } catch {
    return undefined;
  }
}

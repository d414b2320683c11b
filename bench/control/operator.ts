// SPDX-License-Identifier: Apache-2.0
import { type ChildProcess, spawn } from 'node:child_process';
import { openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { nodeFlagsOf } from '../flags.ts';

/** The operator as it is released, in its own process, and its costs. */
export interface BenchOperator {
  /** CPU time so far, in milliseconds. */
  cpuMs(): number;
  /** Resident memory now, and its maximum so far. */
  memory(): { readonly nowMiB: number; readonly peakMiB: number };
  /** How often it ended by itself. */
  readonly restarts: number;
  stop(): Promise<void>;
}

/** The unit of CPU time in `/proc`: USER_HZ is 100 on every architecture of Linux. */
const TICK_MS = 10;

export function startOperator(options: {
  readonly bundle: string;
  readonly kubeconfig: string;
  readonly folder: string;
}): BenchOperator {
  const { bundle, kubeconfig, folder } = options;
  const log = openSync(join(folder, 'operator.log'), 'a');
  const flags = ['--kubeconfig', kubeconfig, '--http-port', '0', '--function-image-firewall', 'firewall:1'];
  flags.push('--function-image-loadbalancer', 'loadbalancer:1');
  flags.push('--function-image-custom', 'custom:1', '--function-image-vpn', 'vpn:1');
  let restarts = 0;
  let stopping = false;
  const start = (): ChildProcess => {
    const command = [...nodeFlagsOf('operator'), bundle, ...flags];
    const process = spawn(globalThis.process.execPath, command, { stdio: ['ignore', log, log] });
    // On an overloaded machine it may lose its lease and end; a Deployment would restart it.
    process.once('exit', () => {
      if (stopping) return;
      restarts += 1;
      child = start();
    });
    return process;
  };
  let child = start();
  const pid = (): number => child.pid ?? 0;
  return {
    get restarts() {
      return restarts;
    },
    cpuMs: () => cpuMs(pid()),
    memory: () => memory(pid()),
    stop: () => {
      stopping = true;
      return stop(child);
    },
  };
}

function cpuMs(pid: number): number {
  // The program's name is in brackets and may have blanks: count the fields after it.
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)!.split(' ');
  return (Number(fields[11]) + Number(fields[12])) * TICK_MS;
}

function memory(pid: number): { nowMiB: number; peakMiB: number } {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const kibibytes = (field: string): number =>
    Number(new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(status)?.[1]);
  return { nowMiB: kibibytes('VmRSS') / 1024, peakMiB: kibibytes('VmHWM') / 1024 };
}

function stop(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) return resolve();
    child.once('exit', () => resolve());
    child.kill('SIGTERM');
    setTimeout(() => child.kill('SIGKILL'), 5000).unref();
  });
}

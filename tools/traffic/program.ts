// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TrafficPlan } from './result.ts';

/** Command lines of the server, for a namespace of this machine: it runs from this folder. */
export function serverCommand(port: number, name: string): readonly string[] {
  return [process.execPath, fileOf('server.ts'), `${port}/${name}`];
}

export function clientCommand(plan: TrafficPlan): readonly string[] {
  return [process.execPath, fileOf('client.ts'), JSON.stringify(plan)];
}

/** The command line of the server for a pod, whose image has node, but nothing of this folder. */
export function podServerCommand(port: number, name: string): readonly string[] {
  return [...asText('server.ts'), `${port}/${name}`];
}

export function podClientCommand(plan: TrafficPlan): readonly string[] {
  return [...asText('client.ts'), JSON.stringify(plan)];
}

function asText(name: string): readonly string[] {
  return ['node', '--input-type=module-typescript', '-e', readFileSync(fileOf(name), 'utf8'), '--'];
}

function fileOf(name: string): string {
  return join(import.meta.dirname, name);
}

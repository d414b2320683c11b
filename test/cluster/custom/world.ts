// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { waitForCondition } from '../../../tools/cluster/conditions.ts';
import { apply, exec, list } from '../../../tools/cluster/kubectl.ts';
import { eventually } from '../../../tools/cluster/wait.ts';
import { addressesOf, connect, type Outcome } from '../../../tools/cluster/workloads.ts';
import { repository } from '../../../tools/kind/paths.ts';

/** The fields of a pod that these tests read. */
export interface RunningPod {
  readonly metadata: { readonly name: string; readonly uid: string; readonly deletionTimestamp?: string };
  readonly status: {
    readonly containerStatuses?: readonly {
      readonly name: string;
      readonly ready: boolean;
      readonly restartCount: number;
      readonly state: { readonly running?: object };
    }[];
  };
}

/** An unchanged example that is ready: its client, and the address of its web server. */
export interface Example {
  readonly client: string;
  readonly v4: string;
  readonly v6: string;
  /** The result of a connection from the client. */
  opens(address: string, port: number): Promise<Outcome>;
}

export async function applyExample(
  file: string,
  names: { readonly namespace: string; readonly function: string; readonly chain: string },
  edit: (text: string) => string = (text) => text,
): Promise<Example> {
  const { namespace } = names;
  const text = readFileSync(join(repository, 'examples/custom-function', file), 'utf8');
  await apply(edit(text), namespace);
  const [client, web] = await Promise.all(['client', 'web'].map((app) => podOf(app, namespace)));
  const [v4, v6] = (await addressesOf(web!, namespace, `${namespace}/shop`)) as [string, string];
  const wait = { timeoutMs: 150_000 };
  await waitForCondition({ kind: 'customfunction', name: names.function, namespace }, 'Ready', wait);
  await waitForCondition({ kind: 'servicechain', name: names.chain, namespace }, 'Programmed', wait);
  await waitForCondition({ kind: 'servicechain', name: names.chain, namespace }, 'Ready', wait);
  await eventually('both instances take flows', async () => (await instances(names)).length === 2, wait);
  const opens = async (address: string, port: number) =>
    (await connect({ pod: client!, namespace, address, port })).outcome;
  return { client: client!, v4, v6, opens };
}

async function podOf(app: string, namespace: string): Promise<string> {
  return eventually(
    `a pod of ${app} is ready`,
    async () => {
      const pods = await list<RunningPod>('pods', { namespace, selector: `app=${app}` });
      return pods.find(isReady)?.metadata.name;
    },
    { timeoutMs: 150_000 },
  );
}

function isReady({ metadata, status }: RunningPod): boolean {
  const all = status.containerStatuses ?? [];
  return !metadata.deletionTimestamp && all.length > 0 && all.every(({ ready }) => ready);
}

/** The instances of a function that are ready. */
export async function instances(names: {
  readonly namespace: string;
  readonly function: string;
}): Promise<readonly RunningPod[]> {
  const selector = `heddle.dev/function=customfunction.${names.function}`;
  return (await list<RunningPod>('pods', { namespace: names.namespace, selector })).filter(isReady);
}

/** Runs a program in the container of the user's image; fails when the program does. */
export async function runIn(pod: string, namespace: string, command: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await exec(pod, command, { namespace, container: 'function' });
  if (code !== 0) throw new Error(`${command.join(' ')}: ${stderr}`);
  return stdout;
}

export interface Asked {
  readonly sent: number;
  /** The failures, one line each. */
  readonly failed: readonly string[];
}

/**
 * Sends requests to a web server for a while, by a new connection each time or by sixteen that are kept. A request may
 * be slow, since TCP retransmits lost data; it fails when it takes three seconds.
 */
export async function ask(options: {
  readonly client: string;
  readonly namespace: string;
  readonly address: string;
  readonly seconds: number;
  readonly keep: boolean;
}): Promise<Asked> {
  const { client, namespace, address, seconds, keep } = options;
  const rest = { address, seconds, keep };
  const { code, stdout, stderr } = await exec(client, ['node', '-e', ASK, JSON.stringify(rest)], {
    namespace,
  });
  if (code !== 0) throw new Error(`the client: ${stderr}`);
  return JSON.parse(stdout) as Asked;
}

const ASK = `
const { address, seconds, keep } = JSON.parse(process.argv[1]);
const http = require('node:http');
const agents = Array.from({ length: 16 }, () => new http.Agent({ keepAlive: true, maxSockets: 1 }));
const failed = [];
const open = [];
let sent = 0;
const timer = setInterval(() => {
  sent += 1;
  const number = sent;
  const agent = keep ? agents[sent % agents.length] : false;
  open.push(new Promise((resolve) => {
    const request = http.get({ host: address, port: 8080, agent, timeout: 3000 }, (reply) => reply.resume().on('end', resolve));
    request.on('timeout', () => request.destroy(new Error('took 3 s')));
    request.on('error', (error) => { failed.push(number + ': ' + error.message); resolve(); });
  }));
}, 40);
setTimeout(async () => {
  clearInterval(timer);
  await Promise.all(open);
  console.log(JSON.stringify({ sent, failed }));
  process.exit(0);
}, seconds * 1000);
`;

/** Sends one request on its own connection: returns the answer, or `silent`. */
export async function request(options: {
  readonly client: string;
  readonly namespace: string;
  readonly address: string;
  readonly path: string;
  readonly timeoutMs?: number;
}): Promise<string> {
  const { client, namespace, address, path, timeoutMs = 1500 } = options;
  const script = `const [host, path, timeout] = JSON.parse(process.argv[1]);
    const request = require('node:http').get({ host, port: 8080, path, agent: false, timeout }, async (reply) => {
      for await (const part of reply) process.stdout.write(part);
    });
    request.on('timeout', () => { process.stdout.write('silent'); process.exit(0); });`;
  const { code, stdout, stderr } = await exec(
    client,
    ['node', '-e', script, JSON.stringify([address, path, timeoutMs])],
    { namespace },
  );
  if (code !== 0) throw new Error(`the client: ${stderr}`);
  return stdout;
}

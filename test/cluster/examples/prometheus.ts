// SPDX-License-Identifier: Apache-2.0
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { dump, load } from 'js-yaml';
import type { TestOptions } from 'vitest';
import { apply, get, kubectl, list, readTarget, tryKubectl } from '../../../tools/cluster/kubectl.ts';
import { eventually } from '../../../tools/cluster/wait.ts';
import { detectEngine } from '../../../tools/kind/engine/detect.ts';
import { repository } from '../../../tools/kind/paths.ts';
import { createShell } from '../../../tools/kind/shell.ts';
import { ensurePrometheus, missingPrometheus } from '../../../tools/prometheus/programs.ts';
import { RULES } from '../../kernel/metrics/expressions.ts';
import { needs, skipWhere } from '../../support/needs.ts';
import { isOurs } from '../resilience/nodes.ts';

const PORT = 39090;
const ACCOUNT = 'prometheus';

/** A sample of an answer to a query. */
export interface Sample {
  readonly metric: Readonly<Record<string, string>>;
  readonly value: readonly [number, string];
}

export interface Target {
  readonly scrapeUrl: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly health: string;
  readonly lastError: string;
}

/** A Prometheus that reads the whole cluster, in the network of one of its nodes. */
export interface Prometheus {
  query(expr: string): Promise<readonly Sample[]>;
  targets(): Promise<readonly Target[]>;
  alerts(): Promise<readonly { readonly labels: Readonly<Record<string, string>> }[]>;
  /** What promtool has against the page of a target; empty if nothing. */
  lint(target: Target): Promise<string>;
  close(): Promise<void>;
}

/** Options of tests with a Prometheus: it enters the network of a node, which is a container of this machine. */
export function needsPrometheus(): TestOptions {
  return isOurs ? needs(missingPrometheus()) : skipWhere('the nodes are not containers of this machine');
}

/** Starts a Prometheus with the configuration that docs/troubleshooting.md has, and the alerts of the chart. */
export async function startPrometheus(namespace: string): Promise<Prometheus> {
  const programs = await ensurePrometheus();
  const [node] = await list<Node>('nodes');
  const address = node?.status.addresses.find(({ type }) => type === 'InternalIP')?.address;
  const netns = await networkOf(node?.metadata.name ?? '');
  const token = await makeAccount(namespace);
  const folder = mkdtempSync(join(tmpdir(), 'heddle-prometheus-'));
  writeFileSync(join(folder, 'token'), token, { mode: 0o600 });
  writeFileSync(join(folder, 'config.yaml'), dump(await configuration(join(folder, 'token'))));
  const log = openSync(join(folder, 'log'), 'a');
  const server: ChildProcess = spawn(
    'nsenter',
    [
      `--net=${netns}`,
      programs.prometheus,
      `--config.file=${join(folder, 'config.yaml')}`,
      `--storage.tsdb.path=${join(folder, 'data')}`,
      `--web.listen-address=${address}:${PORT}`,
    ],
    { stdio: ['ignore', log, log] },
  );
  const api = async <T>(path: string): Promise<T> => {
    const reply = await fetch(`http://${address}:${PORT}/api/v1/${path}`, {
      signal: AbortSignal.timeout(10_000),
    });
    const answer = (await reply.json()) as { readonly data: T; readonly error?: string };
    if (!reply.ok) throw new Error(`${path}: ${answer.error}`);
    return answer.data;
  };
  const close = async (): Promise<void> => {
    server.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
    await tryKubectl(['delete', 'clusterrolebinding', `${namespace}-metrics`]);
  };
  await eventually('Prometheus answers', () => api('status/buildinfo'), { timeoutMs: 60_000 }).catch(
    async (error: unknown) => {
      const said = readFileSync(join(folder, 'log'), 'utf8');
      await close();
      throw new Error(`${error}\n${said}`);
    },
  );
  return {
    query: async (expr) =>
      (await api<{ readonly result: readonly Sample[] }>(`query?query=${encodeURIComponent(expr)}`)).result,
    targets: async () => (await api<{ readonly activeTargets: readonly Target[] }>('targets')).activeTargets,
    alerts: async () =>
      (await api<{ readonly alerts: readonly { labels: Record<string, string> }[] }>('alerts')).alerts,
    async lint({ scrapeUrl }) {
      const page = await execa('nsenter', [`--net=${netns}`, process.execPath, '-e', ASK, scrapeUrl, token]);
      const input = `${page.stdout}\n`;
      const { all } = await execa(programs.promtool, ['check', 'metrics'], {
        input,
        reject: false,
        all: true,
      });
      return all;
    },
    close,
  };
}

/** Prints one page. Certificates are not checked, as in the configuration. */
const ASK = `const [url, token] = process.argv.slice(1);
const options = { headers: { authorization: 'Bearer ' + token }, rejectUnauthorized: false };
require('node:https').get(url, options, (reply) => reply.pipe(process.stdout));`;

interface Node {
  readonly metadata: { readonly name: string };
  readonly status: { readonly addresses: readonly { readonly type: string; readonly address: string }[] };
}

/** The network namespace of a node. */
async function networkOf(node: string): Promise<string> {
  const shell = createShell();
  const engine = await detectEngine(shell);
  if (!engine) throw new Error('no container engine answers');
  const pid = await shell.run(engine.kind, ['inspect', '--format', '{{.State.Pid}}', node], {
    env: engine.env,
  });
  return `/proc/${pid.trim()}/ns/net`;
}

/** Makes the account of Prometheus; returns its token. */
async function makeAccount(namespace: string): Promise<string> {
  await apply([{ apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: ACCOUNT } }], namespace);
  await kubectl([
    ...['create', 'clusterrolebinding', `${namespace}-metrics`, '--clusterrole=heddle-metrics'],
    `--serviceaccount=${namespace}:${ACCOUNT}`,
  ]);
  return (await kubectl(['create', 'token', ACCOUNT, '--duration=1h'], { namespace })).trim();
}

interface Scrape {
  readonly job_name: string;
  readonly kubernetes_sd_configs: readonly { readonly namespaces?: { readonly names: readonly string[] } }[];
  readonly relabel_configs: readonly { readonly replacement?: string }[];
}

interface Pod {
  readonly metadata: {
    readonly name: string;
    readonly namespace: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly deletionTimestamp?: string;
  };
  readonly spec: {
    readonly nodeName?: string;
    readonly containers: readonly {
      readonly ports?: readonly { readonly name?: string; readonly containerPort: number }[];
    }[];
  };
  readonly status: { readonly podIP?: string };
}

/**
 * The configuration of docs/troubleshooting.md. The distribution's Prometheus is built without its discovery of pods, so
 * the test discovers them, with the same labels. Besides that, only the address of the operator's Service is replaced,
 * whose name means nothing outside of a pod, and the place of the token.
 */
async function configuration(token: string): Promise<object> {
  const page = readFileSync(join(repository, 'docs/troubleshooting.md'), 'utf8');
  const text = /```yaml\n(scrape_configs:\n[\s\S]*?)```/.exec(page)?.[1];
  if (text === undefined) throw new Error('docs/troubleshooting.md has no scrape_configs');
  const { scrape_configs: scrapes } = load(text) as { readonly scrape_configs: readonly Scrape[] };
  const { system } = readTarget();
  const service = await get<{ readonly spec: { readonly clusterIP: string } }>(
    'service',
    'heddle-operator',
    system,
  );
  const pods = (await list<Pod>('pods')).filter(({ metadata }) => metadata.deletionTimestamp === undefined);
  return {
    global: { scrape_interval: '3s', scrape_timeout: '3s', evaluation_interval: '2s' },
    rule_files: [RULES],
    scrape_configs: scrapes.map(({ kubernetes_sd_configs: discoveries, ...scrape }) => ({
      ...scrape,
      authorization: { credentials_file: token },
      static_configs: discoveries.flatMap(({ namespaces }) =>
        pods
          .filter(({ metadata }) => namespaces === undefined || namespaces.names.includes(metadata.namespace))
          .flatMap(targetsOf),
      ),
      relabel_configs: scrape.relabel_configs.map((rule) =>
        rule.replacement?.startsWith('heddle-operator.')
          ? { ...rule, replacement: `${service.spec.clusterIP}:8080` }
          : rule,
      ),
    })),
  };
}

/** Pure: the targets of a pod, one for each port, with the labels that the discovery of pods gives them. */
function targetsOf({ metadata, spec, status }: Pod): readonly object[] {
  if (status.podIP === undefined) return [];
  const labels = Object.entries(metadata.labels ?? {}).map(([name, value]) => [
    `__meta_kubernetes_pod_label_${name.replaceAll(/[^a-zA-Z0-9_]/g, '_')}`,
    value,
  ]);
  const ports = spec.containers.flatMap((container) => container.ports ?? []);
  return ports.map(({ name = '', containerPort }) => ({
    targets: [`${status.podIP}:${containerPort}`],
    labels: {
      ...Object.fromEntries(labels),
      __meta_kubernetes_namespace: metadata.namespace,
      __meta_kubernetes_pod_name: metadata.name,
      __meta_kubernetes_pod_node_name: spec.nodeName ?? '',
      __meta_kubernetes_pod_container_port_name: name,
      __meta_kubernetes_pod_container_port_number: String(containerPort),
    },
  }));
}

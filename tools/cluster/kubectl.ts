// SPDX-License-Identifier: Apache-2.0
import { execa } from 'execa';
import { systemNamespace } from '../../api/names.ts';
import type { ObjectMeta } from '../../api/object-meta.ts';
import type { KubeObject as BaseObject } from '../../kube/object.ts';
import { Reader } from './read.ts';

/** The cluster of the suite: a kubeconfig, a kubectl, and where Heddle is installed. */
export interface Target {
  readonly kubeconfig: string;
  readonly kubectl: string;
  readonly helm: string;
  /** The namespace of the chart's release. */
  readonly system: string;
  /** An image with node, ip and busybox for clients and servers: that of the functions. */
  readonly image: string;
}

/** Reads what the suite put into the environment. */
export function readTarget(env: NodeJS.ProcessEnv = process.env): Target {
  const kubeconfig = env.KUBECONFIG;
  if (!kubeconfig) {
    throw new Error(
      'KUBECONFIG is not set: run "npm run test:cluster", or "npm run test:cluster -- --kubeconfig FILE"',
    );
  }
  return {
    kubeconfig,
    kubectl: env.HEDDLE_KUBECTL ?? 'kubectl',
    helm: env.HEDDLE_HELM ?? 'helm',
    system: env.HEDDLE_SYSTEM_NAMESPACE ?? systemNamespace,
    image: env.HEDDLE_TEST_IMAGE ?? 'localhost/heddle/base:dev',
  };
}

export interface KubectlOptions {
  readonly namespace?: string;
  readonly input?: string;
  readonly timeoutMs?: number;
}

export interface Reply {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs kubectl; returns its exit code and output. */
export async function tryKubectl(args: readonly string[], options: KubectlOptions = {}): Promise<Reply> {
  const target = readTarget();
  const scope = options.namespace ? ['--namespace', options.namespace] : [];
  const result = await execa(target.kubectl, [...scope, ...args], {
    reject: false,
    timeout: options.timeoutMs ?? 60_000,
    env: { KUBECONFIG: target.kubeconfig },
    ...(options.input === undefined ? { stdin: 'ignore' } : { input: options.input }),
  });
  return {
    code: result.exitCode ?? 255,
    stdout: result.stdout,
    stderr: result.stderr || (result.shortMessage ?? ''),
  };
}

/** Runs kubectl; a failure is an error with kubectl's output. */
export async function kubectl(args: readonly string[], options: KubectlOptions = {}): Promise<string> {
  const reply = await tryKubectl(args, options);
  if (reply.code !== 0) throw new Error(`kubectl ${args.join(' ')}: exit ${reply.code}\n${reply.stderr}`);
  return reply.stdout;
}

/** An object from the cluster, with its kind and name. */
export interface KubeObject extends BaseObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ObjectMeta & { readonly name: string };
}

/** One reader for each kubeconfig. */
const readers = new Map<string, Reader>();

function reader(): Reader {
  const { kubeconfig } = readTarget();
  const known = readers.get(kubeconfig) ?? new Reader(kubeconfig);
  readers.set(kubeconfig, known);
  return known;
}

/** Reads an object. On an error, kubectl is asked too, because its message is clearer. */
export async function get<T = KubeObject>(kind: string, name: string, namespace?: string): Promise<T> {
  const object = await reader()
    .get(kind, name, namespace)
    .catch(() => undefined);
  if (object) return object as T;
  const text = await kubectl(['get', kind, name, '-o', 'json'], namespace ? { namespace } : {});
  return JSON.parse(text) as T;
}

export async function list<T = KubeObject>(
  kind: string,
  options: { readonly namespace?: string; readonly selector?: string } = {},
): Promise<readonly T[]> {
  const items = await reader()
    .list(kind, options)
    .catch(() => undefined);
  if (items) return items as T[];
  const scope = options.namespace ? [] : ['--all-namespaces'];
  const selector = options.selector ? ['--selector', options.selector] : [];
  const text = await kubectl(
    ['get', kind, '-o', 'json', ...scope, ...selector],
    options.namespace ? { namespace: options.namespace } : {},
  );
  return (JSON.parse(text) as { items: T[] }).items;
}

/** Applies manifests: YAML as text, or objects. */
export async function apply(what: string | readonly object[], namespace?: string): Promise<void> {
  const input =
    typeof what === 'string' ? what : JSON.stringify({ apiVersion: 'v1', kind: 'List', items: what });
  await kubectl(['apply', '-f', '-'], { input, ...(namespace ? { namespace } : {}) });
}

/** Runs a program in a pod; returns its exit code and output. */
export async function exec(
  pod: string,
  command: readonly string[],
  options: KubectlOptions & { readonly container?: string } = {},
): Promise<Reply> {
  const container = options.container ? ['-c', options.container] : [];
  return tryKubectl(['exec', pod, ...container, '--', ...command], options);
}

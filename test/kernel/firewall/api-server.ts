// SPDX-License-Identifier: Apache-2.0
import { type ChildProcess, spawn } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { binaries } from '../../../tools/kind/binaries.ts';
import { hasApiServer, serverVariable } from '../../../tools/suite/api-server.ts';
import { run } from './shell.ts';

/** A real API server with its etcd, inside a network namespace, on its loopback. */
export interface ApiServer {
  readonly kubeconfig: string;
  /** The network namespace, and the token of an administrator. */
  readonly netns: string;
  readonly token: string;
  kubectl(...args: readonly string[]): Promise<string>;
  /** Writes objects (YAML) into the cluster. */
  apply(yaml: string): Promise<void>;
  stopServing(): Promise<void>;
  serveAgain(): Promise<void>;
  close(): Promise<void>;
}

/** Why an API server cannot run here; `npm run test:kernel` builds it when a test needs it. */
export function missingApiServer(): string | undefined {
  return hasApiServer() ? undefined : 'etcd and kube-apiserver are not built: npm run test:kernel';
}

const TOKEN = 'test-token';

export async function startApiServer(
  namespace: string,
  { authorization = 'AlwaysAllow' }: { readonly authorization?: 'AlwaysAllow' | 'RBAC' } = {},
): Promise<ApiServer> {
  const programs = binaries().directory;
  const folder = mkdtempSync(join(tmpdir(), 'heddle-api-'));
  const file = (name: string, text: string): string => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };
  const kubeconfig = file('kubeconfig', KUBECONFIG);
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const key = file('sa.key', String(privateKey.export({ type: 'pkcs8', format: 'pem' })));
  const pub = file('sa.pub', String(publicKey.export({ type: 'spki', format: 'pem' })));
  const tokens = file('tokens', `${TOKEN},admin,1,system:masters\n`);
  const start = (path: string, ...args: string[]): ChildProcess => {
    const log = openSync(join(folder, `${basename(path)}.log`), 'a');
    return spawn('ip', ['netns', 'exec', namespace, path, ...args], { stdio: ['ignore', log, log] });
  };
  const etcd = start(join(programs, 'etcd'), '--data-dir', join(folder, 'etcd'), '--unsafe-no-fsync');
  const startServer = (): ChildProcess =>
    start(
      process.env[serverVariable] || join(programs, 'kube-apiserver'),
      '--allow-privileged',
      '--etcd-servers=http://127.0.0.1:2379',
      '--bind-address=127.0.0.1',
      '--advertise-address=192.0.0.8',
      `--cert-dir=${folder}`,
      '--service-cluster-ip-range=10.96.0.0/16',
      '--service-account-issuer=https://heddle.test',
      `--service-account-key-file=${pub}`,
      `--service-account-signing-key-file=${key}`,
      `--token-auth-file=${tokens}`,
      `--authorization-mode=${authorization}`,
      '--disable-admission-plugins=ServiceAccount',
    );
  let server = startServer();
  const kubectl = (...args: readonly string[]): Promise<string> =>
    run('ip', 'netns', 'exec', namespace, join(programs, 'kubectl'), '--kubeconfig', kubeconfig, ...args);
  const untilServed = async (): Promise<void> => {
    for (let attempt = 0; ; attempt += 1) {
      try {
        await kubectl('get', '--raw', '/readyz');
        return;
      } catch (error) {
        if (attempt > 120) throw error;
        await new Promise((resolve) => setTimeout(resolve, 1000));
      }
    }
  };
  await untilServed();
  return {
    kubeconfig,
    netns: namespace,
    token: TOKEN,
    kubectl,
    apply: async (yaml) =>
      void (await kubectl('apply', '--server-side', '--force-conflicts', '-f', file('objects.yaml', yaml))),
    stopServing: () => end(server),
    serveAgain: async () => {
      server = startServer();
      await untilServed();
    },
    close: async () => {
      await end(server);
      await end(etcd);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function end(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) return resolve();
    child.once('exit', () => resolve());
    child.kill('SIGKILL');
  });
}

const KUBECONFIG = JSON.stringify({
  apiVersion: 'v1',
  kind: 'Config',
  'current-context': 'test',
  contexts: [{ name: 'test', context: { cluster: 'test', user: 'test' } }],
  clusters: [
    { name: 'test', cluster: { server: 'https://127.0.0.1:6443', 'insecure-skip-tls-verify': true } },
  ],
  users: [{ name: 'test', user: { token: TOKEN } }],
});

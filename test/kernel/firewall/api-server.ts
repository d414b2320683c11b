import { type ChildProcess, spawn } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { existsSync, mkdtempSync, openSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from './shell.ts';

/** A real API server with its etcd, inside a network namespace, on its loopback. */
export interface ApiServer {
  readonly kubeconfig: string;
  kubectl(...args: readonly string[]): Promise<string>;
  /** Writes objects (YAML) into the cluster. */
  apply(yaml: string): Promise<void>;
  stopServing(): Promise<void>;
  serveAgain(): Promise<void>;
  close(): Promise<void>;
}

/** Where `npm run cluster:up` built the binaries of its nodes; undefined when it never did. */
export function findBinaries(): string | undefined {
  const tools = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'heddle', 'tools');
  if (!existsSync(tools)) return undefined;
  return readdirSync(tools)
    .map((folder) => join(tools, folder))
    .find((folder) => ['etcd', 'kube-apiserver', 'kubectl'].every((name) => existsSync(join(folder, name))));
}

const TOKEN = 'test-token';

export async function startApiServer(namespace: string, binaries: string): Promise<ApiServer> {
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
  const start = (name: string, ...args: string[]): ChildProcess => {
    const log = openSync(join(folder, `${name}.log`), 'a');
    return spawn('ip', ['netns', 'exec', namespace, join(binaries, name), ...args], {
      stdio: ['ignore', log, log],
    });
  };
  const etcd = start('etcd', '--data-dir', join(folder, 'etcd'), '--unsafe-no-fsync');
  const startServer = (): ChildProcess =>
    start(
      'kube-apiserver',
      '--etcd-servers=http://127.0.0.1:2379',
      '--bind-address=127.0.0.1',
      '--advertise-address=192.0.0.8',
      `--cert-dir=${folder}`,
      '--service-cluster-ip-range=10.96.0.0/16',
      '--service-account-issuer=https://heddle.test',
      `--service-account-key-file=${pub}`,
      `--service-account-signing-key-file=${key}`,
      `--token-auth-file=${tokens}`,
      '--authorization-mode=AlwaysAllow',
      '--disable-admission-plugins=ServiceAccount',
    );
  let server = startServer();
  const kubectl = (...args: readonly string[]): Promise<string> =>
    run('ip', 'netns', 'exec', namespace, join(binaries, 'kubectl'), '--kubeconfig', kubeconfig, ...args);
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

// SPDX-License-Identifier: Apache-2.0
import { formatEndpoint } from '../../api/net/endpoint.ts';
import { exec, get, type KubeObject, readTarget, tryKubectl } from './kubectl.ts';
import { eventually } from './wait.ts';

export interface PodOptions {
  readonly name: string;
  readonly labels?: Readonly<Record<string, string>>;
  /** The annotation `k8s.v1.cni.cncf.io/networks`. */
  readonly networks?: string;
  readonly node?: string;
  /** A node program; without one the pod sleeps. */
  readonly script?: string;
  /** A command to run instead of a node program. */
  readonly command?: readonly string[];
  readonly capabilities?: readonly string[];
}

/** A pod for tests. It has the image of the functions, so that nodes need no other image. */
export function testPod(options: PodOptions): object {
  const program = options.script ? ['node', '-e', options.script] : ['/bin/sleep', '86400'];
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: options.name,
      labels: { 'heddle.dev/test': 'true', ...options.labels },
      ...(options.networks ? { annotations: { 'k8s.v1.cni.cncf.io/networks': options.networks } } : {}),
    },
    spec: {
      terminationGracePeriodSeconds: 0,
      ...(options.node ? { nodeSelector: { 'kubernetes.io/hostname': options.node } } : {}),
      tolerations: [{ operator: 'Exists' }],
      containers: [
        {
          name: 'main',
          image: readTarget().image,
          imagePullPolicy: 'IfNotPresent',
          command: options.command ?? program,
          ...(options.capabilities
            ? { securityContext: { capabilities: { add: options.capabilities } } }
            : {}),
        },
      ],
    },
  };
}

/** A program that answers every connection on these TCP ports with the client's address, over IPv4 and IPv6. */
export function serverScript(ports: readonly number[]): string {
  return `const {createServer} = require('node:http');
for (const port of ${JSON.stringify(ports)}) {
  createServer((request, reply) => reply.end('port ' + port + ' saw ' + request.socket.remoteAddress + '\\n')).listen(port, '::');
}
process.on('SIGTERM', () => process.exit(0));`;
}

interface RunningPod extends KubeObject {
  readonly spec: { readonly nodeName: string };
  readonly status: {
    readonly phase: string;
    readonly containerStatuses?: readonly { readonly ready: boolean }[];
  };
}

export async function waitForPod(name: string, namespace: string, timeoutMs = 120_000): Promise<RunningPod> {
  const isReady = async (): Promise<RunningPod | undefined> => {
    const pod = await get<RunningPod>('pod', name, namespace);
    const ready = pod.status.containerStatuses?.every((container) => container.ready) ?? false;
    return pod.status.phase === 'Running' && ready ? pod : undefined;
  };
  try {
    return await eventually(`pod ${namespace}/${name} is ready`, isReady, { timeoutMs });
  } catch (error) {
    throw new Error(`${(error as Error).message}\n${await whyNot(name, namespace)}`);
  }
}

/** Why a pod does not start: its node, its Events, and the Port that it waits for. */
async function whyNot(name: string, namespace: string): Promise<string> {
  const asked = await Promise.all([
    tryKubectl(['get', 'pod', name, '-o', 'jsonpath={.spec.nodeName} {.status}'], { namespace }),
    tryKubectl(['get', 'events', '--field-selector', `involvedObject.name=${name}`], { namespace }),
    tryKubectl(['get', 'ports.heddle.dev,virtualnetworks', '-o', 'wide'], { namespace }),
  ]);
  return asked.map(({ stdout, stderr }) => stdout || stderr).join('\n');
}

interface NetworkStatus {
  readonly name: string;
  readonly interface: string;
  readonly ips: readonly string[];
  readonly mac: string;
}

/** The addresses that a pod has on a network (`namespace/name`), from the annotation that Heddle publishes. */
export async function addressesOf(
  pod: string,
  namespace: string,
  network: string,
): Promise<readonly string[]> {
  return eventually(`pod ${namespace}/${pod} has an address on ${network}`, async () => {
    const { metadata } = await get('pod', pod, namespace);
    const status = metadata.annotations?.['k8s.v1.cni.cncf.io/network-status'];
    if (!status) return undefined;
    return (JSON.parse(status) as NetworkStatus[]).find((entry) => entry.name === network)?.ips;
  });
}

export type Outcome = 'answered' | 'refused' | 'silent';

export interface Connection {
  readonly outcome: Outcome;
  /** The answer, or the error code of the refusal. */
  readonly body: string;
}

export interface Endpoint {
  readonly address: string;
  readonly port: number;
}

export interface Client {
  readonly pod: string;
  readonly namespace: string;
  /** How long to wait for an answer of an endpoint. */
  readonly timeoutMs?: number;
}

/** Opens a TCP connection from a pod and asks for `/`: an answer, a refusal (reset or ICMP error), or silence. */
export async function connect(client: Client & Endpoint): Promise<Connection> {
  const [connection] = await connectAll(client, [client]);
  if (!connection) throw new Error(`no answer of ${client.namespace}/${client.pod}`);
  return connection;
}

/** Like `connect`, for many endpoints at once and with one `exec`; the results are in the order of the endpoints. */
export async function connectAll(
  client: Client,
  endpoints: readonly Endpoint[],
): Promise<readonly Connection[]> {
  const timeout = client.timeoutMs ?? 2000;
  const urls = endpoints.map(({ address, port }) => {
    return `http://${formatEndpoint(address, port)}/`;
  });
  const reply = await exec(client.pod, ['node', '-e', askScript(urls, timeout)], {
    namespace: client.namespace,
    timeoutMs: timeout + 60_000,
  });
  if (reply.code !== 0) throw new Error(`exec in ${client.namespace}/${client.pod}: ${reply.stderr}`);
  return JSON.parse(reply.stdout) as Connection[];
}

function askScript(urls: readonly string[], timeoutMs: number): string {
  return `const http = require('node:http');
const ask = (url) => new Promise((resolve) => {
  const request = http.get(url, { agent: false }, (reply) => {
    let body = '';
    reply.on('data', (chunk) => { body += chunk; });
    reply.on('end', () => resolve({ outcome: 'answered', body }));
  });
  request.on('error', (error) => resolve({ outcome: 'refused', body: String(error.code) }));
  setTimeout(() => resolve({ outcome: 'silent', body: '' }), ${timeoutMs});
});
Promise.all(${JSON.stringify(urls)}.map(ask)).then((replies) => {
  console.log(JSON.stringify(replies));
  process.exit(0);
});`;
}

// SPDX-License-Identifier: Apache-2.0
import type { EndpointSlice } from '../../../kube/wire.ts';
import { apply, exec, list } from '../../../tools/cluster/kubectl.ts';
import { eventually } from '../../../tools/cluster/wait.ts';
import { testPod } from '../../../tools/cluster/workloads.ts';

/** A Service that names what the annotations say, without the prefix `heddle.dev/`. */
export async function applyService(
  namespace: string,
  name: string,
  options: { readonly names: Readonly<Record<string, string>>; readonly spec?: object },
): Promise<void> {
  const annotations = Object.fromEntries(
    Object.entries(options.names).map(([key, value]) => [`heddle.dev/${key}`, value]),
  );
  const spec = { clusterIP: 'None', ports: [{ name: 'http', port: 80, targetPort: 8080 }], ...options.spec };
  await apply([{ apiVersion: 'v1', kind: 'Service', metadata: { name, annotations }, spec }], namespace);
}

/** A pod on the network `shop` that is ready while the file /tmp/ready is there; it is there at the start. */
export function namedPod(name: string, namedBy: { readonly hostname?: string; readonly subdomain?: string }) {
  const command = ['sh', '-c', 'touch /tmp/ready; exec sleep 86400'];
  const pod = testPod({ name, networks: 'shop', labels: { app: 'web' }, command }) as {
    readonly spec: { readonly containers: readonly object[] };
  };
  const readinessProbe = {
    exec: { command: ['cat', '/tmp/ready'] },
    periodSeconds: 1,
    failureThreshold: 1,
    timeoutSeconds: 10,
  };
  const containers = pod.spec.containers.map((container) => ({ ...container, readinessProbe }));
  return { ...pod, spec: { ...pod.spec, ...namedBy, containers } };
}

/** What CoreDNS says to a resolver in the pod: for each question the answers, sorted, or the code of the error. */
export async function resolve(
  pod: { readonly name: string; readonly namespace: string },
  questions: readonly (readonly [type: 'A' | 'AAAA' | 'SRV' | 'PTR', name: string])[],
): Promise<readonly (readonly string[] | string)[]> {
  const script = `const { Resolver } = require('node:dns').promises;
const resolver = new Resolver({ timeout: 2000, tries: 3 });
const text = (answer) => typeof answer === 'string' ? answer : answer.name + ':' + answer.port;
const ask = ([type, name]) =>
  (type === 'PTR' ? resolver.reverse(name) : resolver.resolve(name, type)).then(
    (answers) => answers.map(text).sort(),
    (error) => error.code,
  );
Promise.all(${JSON.stringify(questions)}.map(ask)).then((answers) => console.log(JSON.stringify(answers)));`;
  const reply = await exec(pod.name, ['node', '-e', script], { namespace: pod.namespace });
  if (reply.code !== 0) throw new Error(`exec in ${pod.name}: ${reply.stderr}`);
  return JSON.parse(reply.stdout) as (readonly string[] | string)[];
}

/** Names of the EndpointSlices that Heddle has made for a Service. */
export async function slicesOf(namespace: string, service: string): Promise<readonly string[]> {
  const selector = `kubernetes.io/service-name=${service},endpointslice.kubernetes.io/managed-by=heddle-operator`;
  const slices = await list<EndpointSlice>('endpointslices', { namespace, selector });
  return slices.map(({ metadata }) => metadata?.name ?? '').sort();
}

/** Waits for an Event of Heddle about the Service with this text, and returns its message. */
export async function remarkOf(
  namespace: string,
  service: string,
  reason: string,
  text: string,
): Promise<string> {
  return eventually(`Event ${reason} of Service ${service}: ${text}`, async () => {
    const events = await list<Event>('events', { namespace });
    return events.find(
      ({ involvedObject: about, reason: why, message }) =>
        about.kind === 'Service' && about.name === service && why === reason && message.includes(text),
    )?.message;
  });
}

interface Event {
  readonly involvedObject: { readonly kind: string; readonly name: string };
  readonly reason: string;
  readonly message: string;
}

// SPDX-License-Identifier: Apache-2.0
import type { Port, VirtualNetwork } from '../../../api/index.ts';
import { apply, get, kubectl, list } from '../../../tools/cluster/kubectl.ts';
import { eventually } from '../../../tools/cluster/wait.ts';

/** Actions and queries of a test in one namespace. */
export interface World {
  network(name: string, spec: object): Promise<void>;
  /** Makes a pod bound to the node; `networks` is its annotation, as text or as a value for JSON. */
  pod(name: string, networks: string | object, more?: { readonly labels?: object }): Promise<void>;
  annotate(pod: string, networks: string | object): Promise<void>;
  remove(kind: string, ...names: readonly string[]): Promise<void>;
  ports(pod?: string): Promise<readonly Port[]>;
  /** Waits for the pod's Ports until they are Accepted, and returns them. */
  acceptedPorts(pod: string, count?: number): Promise<readonly Port[]>;
  /** Waits for an Event about the pod, and returns its message. */
  remark(pod: string, reason: string): Promise<string>;
  /** The reasons of all Events about a pod so far. */
  remarks(pod: string): Promise<readonly string[]>;
  readNetwork(name: string): Promise<VirtualNetwork>;
}

interface Event {
  readonly involvedObject: { readonly kind: string; readonly name: string };
  readonly reason: string;
  readonly message: string;
}

export function worldOf(namespace: string, node: string): World {
  const ports = async (pod?: string): Promise<readonly Port[]> => {
    const all = await list<Port>('ports.heddle.dev', { namespace });
    return all.filter((port) => pod === undefined || port.spec.pod.name === pod);
  };
  return {
    network: (name, spec) =>
      apply(
        [{ apiVersion: 'heddle.dev/v1alpha1', kind: 'VirtualNetwork', metadata: { name }, spec }],
        namespace,
      ),
    pod: (name, networks, more = {}) => apply([boundPod({ name, node, networks, ...more })], namespace),
    annotate: async (pod, networks) => {
      const value = `k8s.v1.cni.cncf.io/networks=${textOf(networks)}`;
      await kubectl(['annotate', '--overwrite', 'pod', pod, value], { namespace });
    },
    remove: async (kind, ...names) => {
      await kubectl(['delete', kind, ...names, '--wait=false'], { namespace });
    },
    ports,
    acceptedPorts: (pod, count = 1) =>
      eventually(`${count} accepted Ports of pod ${pod}`, async () => {
        const mine = await ports(pod);
        return mine.length === count && mine.every(isAccepted) ? mine : undefined;
      }),
    remark: (pod, reason) =>
      eventually(`Event ${reason} of pod ${pod}`, async () => {
        const events = await list<Event>('events', { namespace });
        const { kind, name } = { kind: 'Pod', name: pod };
        return events.find(
          ({ involvedObject: about, reason: why }) =>
            about.kind === kind && about.name === name && why === reason,
        )?.message;
      }),
    remarks: async (pod) => {
      const events = await list<Event>('events', { namespace });
      return events
        .filter(({ involvedObject: about }) => about.kind === 'Pod' && about.name === pod)
        .map(({ reason }) => reason);
    },
    readNetwork: (name) => get<VirtualNetwork>('virtualnetwork', name, namespace),
  };
}

export function isAccepted(port: Port): boolean {
  return (
    port.status?.conditions?.some(({ type, status }) => type === 'Accepted' && status === 'True') ?? false
  );
}

export function boundPod(options: {
  readonly name: string;
  readonly node: string;
  readonly networks: string | object;
  readonly labels?: object;
}): object {
  const { name, node, networks, labels } = options;
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, labels, annotations: { 'k8s.v1.cni.cncf.io/networks': textOf(networks) } },
    spec: {
      nodeName: node,
      terminationGracePeriodSeconds: 0,
      tolerations: [{ operator: 'Exists' }],
      containers: [{ name: 'main', image: 'none.invalid/never-pulled' }],
    },
  };
}

function textOf(networks: string | object): string {
  return typeof networks === 'string' ? networks : JSON.stringify(networks);
}

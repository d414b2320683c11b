// SPDX-License-Identifier: Apache-2.0
import { afterAll } from 'vitest';
import { objectNameOf } from '../../../api/function-names.ts';
import type { ChainSlice, Port, ServiceChain } from '../../../api/index.ts';
import { collectionPath, resources } from '../../../kube/resource.ts';
import { createTransport, MERGE_TYPE, type Transport } from '../../../kube/transport.ts';
import { findCondition, type WithConditions } from '../../../tools/cluster/conditions.ts';
import {
  apply,
  get,
  type KubeObject,
  kubectl,
  list,
  readTarget,
  tryKubectl,
} from '../../../tools/cluster/kubectl.ts';
import { eventually } from '../../../tools/cluster/wait.ts';
import { reportPort } from '../network/phantom-node.ts';
import { isAccepted } from '../network/world.ts';

type Instances = NonNullable<ChainSlice['spec']['hops']>[number]['instances'];

interface EventObject {
  readonly involvedObject: { readonly kind: string; readonly name: string };
  readonly reason: string;
  readonly message: string;
}

/** Instances of functions on nodes that exist only as objects: the test writes the status of kubelets and agents. */
export interface Instanced {
  /** Makes a pod of a firewall; returns its instance id. It is ready when its kubelet and its agent report that. */
  instance(options: {
    readonly firewall: string;
    readonly pod: string;
    readonly node: string;
  }): Promise<number>;
  /** Writes the readiness of a pod, as its kubelet would. */
  podReady(pod: string, ready: boolean): Promise<void>;
  /** Writes the readiness of a node, as the cluster would. */
  nodeReady(node: string, ready: boolean): Promise<void>;
  annotate(pod: string, annotations: Readonly<Record<string, string | null>>): Promise<void>;
  /** Deletes a pod, gracefully or by force. */
  end(pod: string, graceSeconds: number): Promise<void>;
  /** Edits the spec of a chain. */
  edit(chain: string, spec: object): Promise<void>;
  /** Writes into the report of a node. */
  report(node: string, status: object): Promise<void>;
  /** The instances of the chain's first hop in its slice. */
  listed(chain: string): Promise<Instances>;
  slice(chain: string): Promise<ChainSlice>;
  chain(chain: string): Promise<ServiceChain & WithConditions>;
  /** Waits for a reason of the chain's condition Ready and checks it often; returns the message. */
  says(chain: string, reason: string): Promise<string>;
  /** Whether the chain's condition Ready has this reason now. */
  isSaid(chain: string, reason: string): Promise<boolean>;
  /** Messages of the Events of a reason about an object. */
  told(kind: string, name: string, reason: string): Promise<readonly string[]>;
}

const OFTEN = { intervalMs: 15, timeoutMs: 20_000 };

export function useInstances(namespace: string): Instanced {
  const transport = createTransport();
  const sets = new Map<string, KubeObject>();
  // With its finalizer a ReplicaSet would hold the namespace.
  afterAll(async () => {
    for (const { metadata } of sets.values()) {
      const patchOf = ['patch', 'replicaset', metadata.name, '--type=merge'];
      await tryKubectl([...patchOf, '-p', '{"metadata":{"finalizers":null}}'], { namespace });
    }
    transport.close();
  });
  const setOf = async (firewall: string): Promise<KubeObject> => {
    const known = sets.get(firewall) ?? (await inertReplicaSet(namespace, firewall));
    sets.set(firewall, known);
    return known;
  };
  const heddle = `/apis/heddle.dev/v1alpha1/namespaces/${namespace}`;
  const core = `/api/v1/namespaces/${namespace}`;
  const reports = collectionPath(resources.nodeReports, readTarget().system);
  const slices = collectionPath(resources.chainSlices, namespace);
  const slice = (chain: string) => transport.request<ChainSlice>('GET', `${slices}/${chain}-0`);
  const chain = (name: string) =>
    transport.request<ServiceChain & WithConditions>('GET', `${heddle}/servicechains/${name}`);

  return {
    instance: async ({ firewall, pod, node }) => {
      await apply([functionPod({ firewall, name: pod, node, set: await setOf(firewall) })], namespace);
      const port = await eventually(`the Port of ${pod}`, async () => {
        const { items } = await transport.request<{ items: Port[] }>('GET', `${heddle}/ports`);
        return items.find((each) => each.spec.pod.name === pod && isAccepted(each));
      });
      await reportPort({ name: port.metadata.name, namespace }, { status: 'True', reason: 'Attached' });
      return port.spec.instance!;
    },
    podReady: (pod, ready) =>
      patch(transport, `${core}/pods/${pod}/status`, {
        status: { phase: 'Running', conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }] },
      }),
    nodeReady: (node, ready) =>
      patch(transport, `/api/v1/nodes/${node}/status`, {
        status: { conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }] },
      }),
    annotate: (pod, annotations) => patch(transport, `${core}/pods/${pod}`, { metadata: { annotations } }),
    end: async (pod, gracePeriodSeconds) => {
      await transport.request('DELETE', `${core}/pods/${pod}`, { body: { gracePeriodSeconds } });
    },
    edit: (name, spec) => patch(transport, `${heddle}/servicechains/${name}`, { spec }),
    report: (node, status) => patch(transport, `${reports}/${node}/status`, { status }),
    slice,
    chain,
    listed: async (name) => (await slice(name)).spec.hops?.[0]?.instances ?? [],
    says: (name, reason) =>
      eventually(
        `chain ${name}: Ready with reason ${reason}`,
        async () => {
          const ready = findCondition(await chain(name), 'Ready');
          return ready?.reason === reason && ready.message;
        },
        OFTEN,
      ),
    isSaid: async (name, reason) => findCondition(await chain(name), 'Ready')?.reason === reason,
    told: async (kind, name, reason) => {
      const { items } = await transport.request<{ items: EventObject[] }>('GET', `${core}/events`);
      return items
        .filter(
          (event) =>
            event.involvedObject.kind === kind &&
            event.involvedObject.name === name &&
            event.reason === reason,
        )
        .map(({ message }) => message);
    },
  };
}

async function patch(transport: Transport, path: string, body: object): Promise<void> {
  await transport.request('PATCH', path, { body, contentType: MERGE_TYPE });
}

/**
 * A ReplicaSet of a firewall's Deployment that owns the pods of a test, and that no controller looks after: it is being
 * deleted, and its finalizer holds it.
 */
async function inertReplicaSet(namespace: string, firewall: string): Promise<KubeObject> {
  const deployment = await eventually(`the Deployment of ${firewall}`, async () => {
    const name = objectNameOf('Firewall', firewall);
    const found = await list<
      KubeObject & {
        readonly spec: { readonly selector: object; readonly template: { readonly spec: object } };
      }
    >('deployments', { namespace });
    return found.find(({ metadata }) => metadata.name === name);
  });
  const name = `${deployment.metadata.name}-test`;
  const { selector, template } = deployment.spec;
  const set = {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: {
      name,
      labels: deployment.metadata.labels,
      finalizers: ['heddle.dev/test'],
      ownerReferences: [controllerRef(deployment)],
    },
    // A template of its own, so that the Deployment does not take it for its newest.
    spec: { replicas: 0, selector, template: { ...template, spec: { ...template.spec, hostname: 'inert' } } },
  };
  await apply([set], namespace);
  await kubectl(['delete', 'replicaset', name, '--wait=false'], { namespace });
  return get<KubeObject>('replicaset', name, namespace);
}

function controllerRef({ apiVersion, kind, metadata: { name, uid } }: KubeObject): object {
  return { apiVersion, kind, name, uid, controller: true };
}

/** A pod as a firewall's Deployment would make it, bound to a node that never starts it. */
function functionPod(options: {
  readonly firewall: string;
  readonly name: string;
  readonly node: string;
  readonly set: KubeObject;
}): KubeObject & { readonly spec: object } {
  const { firewall, name, node, set } = options;
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name,
      labels: { 'heddle.dev/function': `firewall.${firewall}` },
      annotations: { 'heddle.dev/chain-interface': 'chain0' },
      ownerReferences: [controllerRef(set)],
    } as KubeObject['metadata'],
    spec: {
      nodeName: node,
      terminationGracePeriodSeconds: 600,
      tolerations: [{ operator: 'Exists' }],
      containers: [{ name: 'firewall', image: 'none.invalid/never-pulled' }],
    },
  };
}

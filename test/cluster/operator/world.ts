// SPDX-License-Identifier: Apache-2.0
import type { ChainSlice, Firewall, Port, ServiceChain } from '../../../api/index.ts';
import { findCondition, type WithConditions } from '../../../tools/cluster/conditions.ts';
import { apply, get, type KubeObject, kubectl, list, readTarget } from '../../../tools/cluster/kubectl.ts';
import { eventually } from '../../../tools/cluster/wait.ts';
import { report } from '../network/phantom-node.ts';
import { boundPod, isAccepted, worldOf } from '../network/world.ts';

interface Wanted {
  readonly type: string;
  readonly status: string;
  readonly reason: string;
}

interface Owned {
  readonly metadata: { readonly ownerReferences?: readonly { readonly uid: string }[] };
}

/** Actions and queries of tests of chains and firewalls in one namespace. */
export interface ChainWorld {
  readonly namespace: string;
  network(name: string): Promise<void>;
  /** Makes pods on a network; they are bound to a node that exists only as an object. */
  pods(network: string, pods: Readonly<Record<string, Readonly<Record<string, string>>>>): Promise<void>;
  chain(name: string, spec: object): Promise<void>;
  firewall(name: string, spec?: object): Promise<void>;
  remove(kind: string, ...names: readonly string[]): Promise<void>;
  readChain(name: string): Promise<ServiceChain>;
  readFirewall(name: string): Promise<Firewall>;
  /** The chain's slices by index. */
  slices(chain: string): Promise<readonly ChainSlice[]>;
  /** Names of the objects of a kind in the namespace that carry Heddle's label, or of all of the kind. */
  names(kind: string, selector?: string): Promise<readonly string[]>;
  /** Uids of the owners of the objects of a kind. */
  owners(kind: string, selector: string): Promise<readonly (string | undefined)[]>;
  /**
   * Reports on behalf of the node that its kernel has the chain's current slices, until the chain is programmed: a slice
   * may change once more while the test looks (an instance of a firewall gets ready), and only its newest generation counts.
   */
  programmed(chain: string): Promise<void>;
  /** Waits until a condition of a chain has this status and reason; returns its message. */
  chainSays(name: string, type: string, status: string, reason: string): Promise<string>;
}

export function chainWorldOf(namespace: string, node: string): ChainWorld {
  const world = worldOf(namespace, node);
  const program = async (chain: string): Promise<void> => {
    const generations = (await slices(chain)).map(({ metadata }) => [
      `${namespace}/${metadata.name}`,
      metadata.generation ?? 0,
    ]);
    await reportSlices(node, Object.fromEntries(generations));
  };
  const says = async (name: string, wanted: Wanted): Promise<string | undefined> => {
    const chain = await get<ServiceChain & WithConditions>('servicechain', name, namespace);
    const condition = findCondition(chain, wanted.type);
    if (condition?.observedGeneration !== chain.metadata.generation) return undefined;
    return condition?.status === wanted.status && condition.reason === wanted.reason
      ? condition.message
      : undefined;
  };
  const slices = async (chain: string): Promise<readonly ChainSlice[]> => {
    const all = await list<ChainSlice>('chainslices.internal.heddle.dev', { namespace });
    return all.filter(({ spec }) => spec.chain === chain).sort((a, b) => a.spec.slice - b.spec.slice);
  };
  return {
    namespace,
    network: (name) => world.network(name, { subnets: [{ cidr: '10.20.0.0/16' }] }),
    pods: async (network, pods) => {
      const objects = Object.entries(pods).map(([name, labels]) =>
        boundPod({ name, labels, node, networks: network }),
      );
      // Create, not apply, which reads each object first: some tests make hundreds.
      const input = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects });
      await kubectl(['create', '-f', '-'], { namespace, input, timeoutMs: 300_000 });
      await eventually(
        `${objects.length} pods have their Ports`,
        async () => {
          const ports = await list<Port>('ports.heddle.dev', { namespace });
          const accepted = new Set(ports.filter(isAccepted).map((port) => port.spec.pod.name));
          return Object.keys(pods).every((name) => accepted.has(name));
        },
        { timeoutMs: 180_000 },
      );
    },
    chain: (name, spec) => apply([heddleObject('ServiceChain', name, spec)], namespace),
    firewall: (name, spec = {}) => apply([heddleObject('Firewall', name, spec)], namespace),
    remove: world.remove,
    readChain: (name) => get<ServiceChain>('servicechain', name, namespace),
    readFirewall: (name) => get<Firewall>('firewall', name, namespace),
    slices,
    names: async (kind, selector) => {
      const objects = await list(kind, selector ? { namespace, selector } : { namespace });
      return objects.map(({ metadata }) => metadata.name).sort();
    },
    owners: async (kind, selector) => {
      const objects = await list<KubeObject & Owned>(kind, { namespace, selector });
      return objects.map(({ metadata }) => metadata.ownerReferences?.[0]?.uid);
    },
    programmed: async (chain) => {
      const wanted = { type: 'Programmed', status: 'True', reason: 'NodesReported' };
      await eventually(
        `chain ${chain}: Programmed=True NodesReported`,
        async () => {
          await program(chain);
          return (await says(chain, wanted)) !== undefined;
        },
        { intervalMs: 500 },
      );
    },
    chainSays: (name, type, status, reason) =>
      eventually(`chain ${name}: ${type}=${status} ${reason}`, () => says(name, { type, status, reason })),
  };
}

async function reportSlices(node: string, slices: Readonly<Record<string, number>>): Promise<void> {
  await report(node, {});
  const patch = JSON.stringify({ status: { slices } });
  const args = [
    'patch',
    'nodereports.internal.heddle.dev',
    node,
    '--subresource=status',
    '--type=merge',
    '-p',
    patch,
  ];
  await kubectl(args, { namespace: readTarget().system });
}

/** An object of one of Heddle's kinds. */
export function heddleObject(kind: string, name: string, spec: object): object {
  return { apiVersion: 'heddle.dev/v1alpha1', kind, metadata: { name }, spec };
}

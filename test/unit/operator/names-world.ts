// SPDX-License-Identifier: Apache-2.0
import type { LoadBalancer, Port, VirtualNetwork } from '../../../api/index.ts';
import { type NamedService, slimNamedService } from '../../../operator/observe/named-services.ts';
import type { WritableStores } from '../../../operator/observe/observation.ts';
import type { Pod } from '../../../operator/observe/stores.ts';
import { CREATED, condition, makeNetwork, makePod, makeStores } from './world.ts';

/** The Service `shop/web`, which names the pods `app=web` on the network `shop/net`. */
export function namedService(
  options: {
    readonly annotations?: Readonly<Record<string, string>>;
    readonly spec?: object;
    readonly metadata?: object;
  } = {},
): NamedService {
  return slimNamedService({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: {
      name: 'web',
      namespace: 'shop',
      uid: 'uid-service-web',
      annotations: options.annotations ?? { 'heddle.dev/network': 'net', 'heddle.dev/pods': 'app=web' },
      ...options.metadata,
    },
    spec: {
      clusterIP: 'None',
      ipFamilies: ['IPv4', 'IPv6'],
      ports: [{ name: 'http', protocol: 'TCP', port: 80, targetPort: 8080 }],
      ...options.spec,
    },
  });
}

export interface PodMore {
  readonly labels?: Record<string, string>;
  readonly namespace?: string;
  readonly ready?: boolean;
  readonly accepted?: boolean;
  readonly attached?: boolean;
  readonly phase?: Pod['status']['phase'];
  readonly spec?: Partial<Pod['spec']>;
  readonly metadata?: Partial<Pod['metadata']>;
  readonly network?: { readonly namespace: string; readonly name: string };
}

/** Adds a pod and its Port with these addresses to the stores. */
export function addPod(
  stores: WritableStores,
  name: string,
  addresses: readonly string[],
  more: PodMore = {},
): { readonly pod: Pod; readonly port: Port } {
  const { namespace = 'shop', labels = { app: 'web' }, phase = 'Running' } = more;
  const bare = makePod(name, { namespace, labels, phase });
  const pod: Pod = {
    ...bare,
    metadata: { ...bare.metadata, ...more.metadata },
    spec: { ...bare.spec, ...more.spec },
    status: { ...bare.status, ready: more.ready ?? true },
  };
  const port = {
    apiVersion: 'heddle.dev/v1alpha1',
    kind: 'Port',
    metadata: { namespace, name: `${name}-net1`, uid: `uid-port-${name}`, creationTimestamp: CREATED },
    spec: {
      network: more.network ?? { namespace: 'shop', name: 'net' },
      vni: 4097,
      pod: { name, uid: pod.metadata.uid },
      node: pod.spec.nodeName,
      interface: 'net1',
      addresses,
    },
    status: {
      conditions: [
        condition('Accepted', (more.accepted ?? true) ? 'True' : 'False'),
        condition('Ready', (more.attached ?? true) ? 'True' : 'False'),
      ],
    },
  } as unknown as Port;
  stores.pods.set(pod);
  stores.ports.set(port);
  return { pod, port };
}

export function makeBalancer(network: string, addresses: readonly string[]): LoadBalancer {
  return {
    apiVersion: 'heddle.dev/v1alpha1',
    kind: 'LoadBalancer',
    metadata: { name: 'lb', namespace: 'shop', uid: 'uid-lb' },
    spec: { network } as LoadBalancer['spec'],
    status: { addresses } as LoadBalancer['status'],
  };
}

/** Stores with the network `shop/net`, of both IP versions, and a zone on worker-1. */
export function makeNamesStores(more: readonly VirtualNetwork[] = []): WritableStores {
  const subnets = [{ cidr: '10.20.0.0/16' }, { cidr: 'fd20::/64' }];
  const stores = makeStores([makeNetwork('net', { spec: { subnets } }), ...more]);
  stores.nodes.set({
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name: 'worker-1', uid: 'uid-worker-1', labels: { 'topology.kubernetes.io/zone': 'a' } },
    status: { internalIPs: ['172.18.0.3'], ready: true },
  });
  return stores;
}

// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from 'node:fs';
import { loadAll } from 'js-yaml';
import type { KubeObject } from '../../../kube/object.ts';
import { slimNamespace, slimNode, slimPod } from '../../../kube/slim.ts';
import { createStores, type WritableStores } from '../../../operator/observe/observation.ts';

/** Stores with the objects of a YAML file, as reflectors would fill them. */
export function readWorld(file: URL): WritableStores {
  const stores = createStores();
  for (const object of loadAll(readFileSync(file, 'utf8')) as KubeObject[]) addTo(stores, object);
  return stores;
}

/** Puts one object into the store of its kind. */
export function addTo(stores: WritableStores, object: KubeObject): void {
  switch (object.kind) {
    case 'Pod':
      stores.pods.set(slimPod(withUid(object)));
      break;
    case 'Node':
      stores.nodes.set(slimNode(withUid(object)));
      break;
    case 'Namespace':
      stores.namespaces.set(slimNamespace(withUid(object)));
      break;
    case 'VirtualNetwork':
      stores.virtualNetworks.set(withUid(object) as never);
      break;
    case 'ServiceChain':
      stores.serviceChains.set(withUid(object) as never);
      break;
    case 'ChainSlice':
      stores.chainSlices.set(withUid(object) as never);
      break;
    case 'Firewall':
      stores.firewalls.set(withUid(object) as never);
      break;
    case 'LoadBalancer':
      stores.loadBalancers.set(withUid(object) as never);
      break;
    case 'Port':
      stores.ports.set(withUid(object) as never);
      break;
    case 'NodeReport':
      stores.nodeReports.set(withUid(object) as never);
      break;
    default:
      throw new Error(`no store for a ${object.kind}`);
  }
}

/** The uid of an object of a test, unless the test sets another. */
export function uidOf(kind: string, name: string): string {
  return `uid-${kind.toLowerCase()}-${name}`;
}

function withUid(object: KubeObject): KubeObject {
  const { kind = '', metadata } = object;
  return { ...object, metadata: { uid: uidOf(kind, metadata?.name ?? ''), ...metadata } };
}

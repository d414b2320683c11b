import { readFileSync } from 'node:fs';
import { loadAll } from 'js-yaml';
import { createStores, type WritableStores } from '../../../operator/observe/observation.ts';
import type { KubeObject } from '../../../operator/runtime/object.ts';
import { slimNamespace, slimPod } from '../../../operator/runtime/slim.ts';

/** Stores with the objects of a YAML file in them, as the reflectors would have filled them. */
export function readWorld(file: URL): WritableStores {
  const stores = createStores();
  for (const object of loadAll(readFileSync(file, 'utf8')) as KubeObject[]) addTo(stores, object);
  return stores;
}

/** Puts one object into the store of its kind. */
export function addTo(stores: WritableStores, object: KubeObject): void {
  switch (object.kind) {
    case 'Pod':
      return stores.pods.set(slimPod(withUid(object)));
    case 'Namespace':
      return stores.namespaces.set(slimNamespace(withUid(object)));
    case 'VirtualNetwork':
      return stores.virtualNetworks.set(withUid(object) as never);
    case 'ServiceChain':
      return stores.serviceChains.set(withUid(object) as never);
    case 'ChainSlice':
      return stores.chainSlices.set(withUid(object) as never);
    case 'Firewall':
      return stores.firewalls.set(withUid(object) as never);
    case 'Port':
      return stores.ports.set(withUid(object) as never);
    case 'NodeReport':
      return stores.nodeReports.set(withUid(object) as never);
    default:
      throw new Error(`no store for a ${object.kind}`);
  }
}

/** The uid that a test's objects have unless they say another. */
export function uidOf(kind: string, name: string): string {
  return `uid-${kind.toLowerCase()}-${name}`;
}

function withUid(object: KubeObject): KubeObject {
  const { kind = '', metadata } = object;
  return { ...object, metadata: { uid: uidOf(kind, metadata?.name ?? ''), ...metadata } };
}

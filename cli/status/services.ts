// SPDX-License-Identifier: Apache-2.0
import type { VirtualNetwork } from '../../api/index.ts';
import { keyOfRef } from '../../api/key.ts';
import { type AskingService, asksForNames, type NamesRequest, readNames } from '../../api/named-service.ts';
import type { Service } from '../../kube/wire.ts';
import { type Finding, nameOf, seen, type World } from './world.ts';

/** Pure: finds Services that ask for names of what is on a network, and have none because something is wrong. */
export function checkServices(world: World): readonly Finding[] {
  return (seen(world.services) ?? []).flatMap((service) => {
    const message = faultOf(service, world);
    if (message === undefined) return [];
    const object = nameOf('Service', service);
    return [{ severity: 'Problem', object, message: `has no names: ${message}`, todo: '' } as const];
  });
}

function faultOf({ metadata, spec = {} }: Service, world: World): string | undefined {
  const { namespace = '', annotations = {} } = metadata ?? {};
  if (!asksForNames(annotations)) return undefined;
  const asking: AskingService = { metadata: { namespace, annotations }, spec };
  const names = readNames(asking);
  if (!names.ok) return names.complaint.message;
  return faultOfNetwork(namespace, names.value, world) ?? faultOfBalancer(namespace, names.value, world);
}

/** Of a network in a namespace that was not read nothing is known. */
function faultOfNetwork(home: string, { network }: NamesRequest, world: World): string | undefined {
  if (world.namespace !== undefined && world.namespace !== network.namespace) return undefined;
  const key = keyOfRef(network);
  const found = world.networks.find(({ metadata }) => keyOfRef(metadata) === key);
  if (!found)
    return `annotation heddle.dev/network: VirtualNetwork ${key} does not exist; create it or correct the name`;
  if (home === network.namespace || !isClosed(found)) return undefined;
  return `annotation heddle.dev/network: VirtualNetwork ${key} lets pods of its own namespace join only (spec.attach)`;
}

function isClosed({ spec }: VirtualNetwork): boolean {
  return spec.attach.namespaces === 'Same';
}

function faultOfBalancer(home: string, request: NamesRequest, world: World): string | undefined {
  if (request.kind !== 'LoadBalancer') return undefined;
  const { name, network } = request;
  const found = world.loadBalancers.find(({ metadata }) => keyOfRef(metadata) === `${home}/${name}`);
  const place = 'annotation heddle.dev/load-balancer: ';
  if (!found)
    return `${place}there is no LoadBalancer ${name} in this namespace; create it or correct the name`;
  if (`${home}/${found.spec.network}` === keyOfRef(network)) return undefined;
  return `${place}LoadBalancer ${name} is on network ${found.spec.network}, and heddle.dev/network names ${keyOfRef(network)}`;
}

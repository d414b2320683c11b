// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest';
import { checkServices } from '../../../../cli/status/services.ts';
import type { World } from '../../../../cli/status/world.ts';
import { network, see, world } from '../world.ts';

const { namespace, name } = network().metadata;
const net = { 'heddle.dev/network': name };
const pods = { 'heddle.dev/pods': 'app=web' };

function messagesOf(annotations: Record<string, string>, changes: Partial<World> = {}, home = namespace) {
  const service = {
    metadata: { namespace: home, name: 'web', annotations },
    spec: { clusterIP: 'None', ports: [{ port: 80, targetPort: 80 }] },
  };
  return checkServices(world({ services: see([service]), ...changes })).map(({ message }) => message);
}

test('a Service that names what is there is no problem, nor is any other Service', () => {
  expect(messagesOf({ ...net, ...pods })).toEqual([]);
  expect(messagesOf({})).toEqual([]);
});

test('a Service that is wrong is a problem that names the annotation', () => {
  const [finding] = checkServices(
    world({ services: see([{ metadata: { namespace, name: 'web', annotations: net } }]) }),
  );
  expect(finding).toMatchObject({ severity: 'Problem', object: `Service ${namespace}/web` });
  expect(finding?.message).toMatch(/^has no names: annotation heddle.dev\/pods: is missing/);
  expect(messagesOf({ ...pods, 'heddle.dev/network': 'nowhere' })[0]).toMatch(/nowhere does not exist/);
  expect(messagesOf({ ...net, 'heddle.dev/load-balancer': 'lb' })[0]).toMatch(/there is no LoadBalancer lb/);
});

test('a network of another namespace is judged only if it was read', () => {
  const foreign = { ...pods, 'heddle.dev/network': `${namespace}/${name}` };
  expect(messagesOf(foreign, {}, 'guests')[0]).toMatch(/lets pods of its own namespace join only/);
  expect(messagesOf(foreign, { namespace: 'guests' }, 'guests')).toEqual([]);
});

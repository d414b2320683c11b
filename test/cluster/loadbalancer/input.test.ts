// SPDX-License-Identifier: Apache-2.0
import { beforeAll, describe, expect, test } from 'vitest';
import type { LoadBalancer } from '../../../api/index.ts';
import { type Condition, findCondition, type WithConditions } from '../../../tools/cluster/conditions.ts';
import { apply, get } from '../../../tools/cluster/kubectl.ts';
import { useNamespace } from '../../../tools/cluster/namespace.ts';
import { eventually } from '../../../tools/cluster/wait.ts';
import { addressesOf, testPod, waitForPod } from '../../../tools/cluster/workloads.ts';
import { applyChain, applyNetwork } from '../datapath/world.ts';
import { applyBalancer, ask } from './world.ts';

const SMALL = {
  pod: { tolerations: [{ operator: 'Exists' }], resources: { requests: { cpu: '1m', memory: '16Mi' } } },
};
const LISTENERS = [{ name: 'http', protocol: 'TCP', port: 80 }];

describe('what a person may get wrong of a load balancer', () => {
  const namespace = useNamespace('lb-input');
  let podAddress = '';
  const says = (kind: string, name: string, type: string, reason: string, text = ''): Promise<Condition> =>
    eventually(`${name} says ${type} ${reason} ${text}`, async () => {
      const found = findCondition(await get<WithConditions>(kind, name, namespace), type);
      return found?.reason === reason && found.message.includes(text) ? found : undefined;
    });

  beforeAll(async () => {
    await applyNetwork(namespace, 'shop', { subnets: [{ cidr: '10.20.0.0/16' }] });
    await apply([testPod({ name: 'client', networks: 'shop', labels: { role: 'client' } })], namespace);
    await waitForPod('client', namespace);
    podAddress = (await addressesOf('client', namespace, `${namespace}/shop`))[0]!;
  }, 180_000);

  test('an address that is a pod’s, or in no subnet, is named; the pod keeps its packets', async () => {
    const backends = { podSelector: { matchLabels: { role: 'client' } } };
    await applyBalancer(namespace, 'thief', {
      ...SMALL,
      network: 'shop',
      addresses: [podAddress],
      listeners: LISTENERS,
      backends,
    });
    await applyBalancer(namespace, 'stray', {
      ...SMALL,
      replicas: 0,
      network: 'shop',
      addresses: ['10.30.0.1'],
      listeners: LISTENERS,
      backends,
    });
    const thief = await says('loadbalancer', 'thief', 'Accepted', 'InvalidSpec');
    expect(thief.message).toContain(`spec.addresses[0]: ${podAddress} is in use by ${namespace}/client`);
    const stray = await says('loadbalancer', 'stray', 'Accepted', 'InvalidSpec');
    expect(stray.message).toContain('spec.addresses[0]: 10.30.0.1 is in no subnet of network shop');
  });

  test('without a backend clients are refused at once, and it says so', async () => {
    await applyBalancer(namespace, 'lonely', {
      ...SMALL,
      network: 'shop',
      listeners: LISTENERS,
      backends: { podSelector: { matchLabels: { role: 'nobody' } } },
    });
    const { message } = await says('loadbalancer', 'lonely', 'Ready', 'NoBackends');
    expect(message).toContain('spec.backends');
    const { status } = await get<LoadBalancer>('loadbalancer', 'lonely', namespace);
    const answers = await ask({
      namespace,
      from: 'client',
      url: `http://${status?.addresses?.[0]}`,
      count: 3,
    });
    expect(answers).toEqual(Array.from({ length: 3 }, () => 'error ECONNREFUSED'));
  });

  test('a check of a port that nobody serves, a Service that the cluster cannot give, and an address that nobody has are told', async () => {
    await applyBalancer(namespace, 'unchecked', {
      ...SMALL,
      network: 'shop',
      listeners: LISTENERS,
      backends: { podSelector: { matchLabels: { role: 'client' } } },
      healthCheck: { tcp: { port: 9 }, intervalMs: 500 },
      expose: { type: 'LoadBalancer' },
    });
    // Until the third check has failed it says that its backend is Starting.
    await says('loadbalancer', 'unchecked', 'Ready', 'NoBackends', 'CheckFailed');
    const exposed = await says('loadbalancer', 'unchecked', 'Exposed', 'NoExternalAddress');
    expect(exposed.message).toContain('spec.expose.type');
    await applyBalancer(namespace, 'unchecked', {
      ...SMALL,
      network: 'shop',
      listeners: LISTENERS,
      backends: { podSelector: { matchLabels: { role: 'client' } } },
      expose: { type: 'NodePort', nodePorts: [{ listener: 'http', port: 80 }] },
    });
    const refused = await says('loadbalancer', 'unchecked', 'Exposed', 'ServiceRefused');
    expect(refused.message).toContain('spec.expose');
    expect(refused.message).toContain('80');
    await applyBalancer(namespace, 'unchecked', {
      ...SMALL,
      network: 'shop',
      listeners: LISTENERS,
      backends: { addresses: [{ address: '10.20.99.99' }] },
    });
    await says('loadbalancer', 'unchecked', 'Ready', 'NoBackends', 'UnknownAddress');
    await applyBalancer(namespace, 'unchecked', {
      ...SMALL,
      network: 'shop',
      listeners: LISTENERS,
      backends: { addresses: [{ address: '10.20.99.99' }, { address: podAddress }] },
    });
    await says('loadbalancer', 'unchecked', 'Ready', 'Ready');
    const { status } = await get<LoadBalancer>('loadbalancer', 'unchecked', namespace);
    expect(status?.backends?.map(({ address, healthy, reason }) => [address, healthy, reason])).toEqual(
      expect.arrayContaining([
        [podAddress, true, 'NotChecked'],
        ['10.20.99.99', false, 'UnknownAddress'],
      ]),
    );
  });

  test('a chain to a load balancer that is not there says which field', async () => {
    await applyChain(namespace, 'nowhere', {
      network: 'shop',
      to: [{ loadBalancer: 'missing' }],
      functions: [{ kind: 'LoadBalancer', name: 'lonely' }],
    });
    const { message } = await says('servicechain', 'nowhere', 'ResolvedRefs', 'ReferenceNotUsable');
    expect(message).toContain('to[0].loadBalancer: there is no LoadBalancer missing');
  });
});

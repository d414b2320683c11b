// SPDX-License-Identifier: Apache-2.0
import { beforeAll, describe, expect, test } from 'vitest';
import type { LoadBalancer } from '../../../api/index.ts';
import type { EndpointSlice } from '../../../kube/wire.ts';
import { apply, exec, get, kubectl, tryKubectl } from '../../../tools/cluster/kubectl.ts';
import { useNamespace } from '../../../tools/cluster/namespace.ts';
import { eventually } from '../../../tools/cluster/wait.ts';
import { addressesOf, testPod, waitForPod } from '../../../tools/cluster/workloads.ts';
import { applyNetwork } from '../datapath/world.ts';
import { applyBalancer } from '../loadbalancer/world.ts';
import { applyService, namedPod, remarkOf, resolve, slicesOf } from './world.ts';

// The cluster's own CoreDNS answers a resolver in a pod, which is not on the network.

const namespace = useNamespace('names');
const owners = useNamespace('names-owners');
const within = { namespace };
const client = { name: 'client', namespace };
const domain = `${namespace}.svc.cluster.local`;
const WEB = { network: 'shop', pods: 'app in (web),!old' };
let one: readonly string[] = [];
let two: readonly string[] = [];

async function eventuallyResolves(
  questions: Parameters<typeof resolve>[1],
  answers: readonly (readonly string[] | string)[],
): Promise<void> {
  await eventually(JSON.stringify([questions, answers]), async () => {
    const got = await resolve(client, questions);
    if (JSON.stringify(got) === JSON.stringify(answers)) return true;
    throw new Error(JSON.stringify(got));
  });
}

const setReady = (pod: string, ready: boolean) =>
  exec(pod, [ready ? 'touch' : 'rm', '/tmp/ready'], within).then(({ code }) => expect(code).toBe(0));

beforeAll(async () => {
  await applyNetwork(namespace, 'shop', { subnets: [{ cidr: '10.20.0.0/16' }, { cidr: 'fd20::/64' }] });
  await applyNetwork(owners, 'private', { subnets: [{ cidr: '10.20.0.0/16' }] });
  // Before its pods, as a person may apply a whole folder.
  await applyService(namespace, 'web', { names: WEB });
  await apply(
    [
      testPod({ name: 'client' }),
      namedPod('web-1', { hostname: 'one', subdomain: 'web' }),
      namedPod('web-2', {}),
    ],
    namespace,
  );
  await Promise.all(['client', 'web-1', 'web-2'].map((pod) => waitForPod(pod, namespace)));
  one = await addressesOf('web-1', namespace, `${namespace}/shop`);
  two = await addressesOf('web-2', namespace, `${namespace}/shop`);
}, 240_000);

describe('names of pods', { timeout: 120_000 }, () => {
  test('are answered as A, AAAA, SRV and PTR, and a pod with hostname and subdomain by its own name', async () => {
    const both = (at: 0 | 1) => [one[at]!, two[at]!].sort();
    await eventuallyResolves(
      [
        ['A', `web.${domain}`],
        ['AAAA', `web.${domain}`],
        ['A', `one.web.${domain}`],
        ['AAAA', `one.web.${domain}`],
      ],
      [both(0), both(1), [one[0]!], [one[1]!]],
    );
    // Asked only now, because CoreDNS remembers for a while that an address has no name.
    const [services, name] = await resolve(client, [
      ['SRV', `_http._tcp.web.${domain}`],
      ['PTR', one[0]!],
    ]);
    expect(services).toContain(`one.web.${domain}:8080`);
    expect(name).toContain(`one.web.${domain}`);
  });

  test('have node, zone and pod of each endpoint, in slices that nodes’ proxies do not read', async () => {
    const [v4, v6] = await slicesOf(namespace, 'web');
    expect([v4, v6]).toEqual(['heddle-service-web-ipv4-0', 'heddle-service-web-ipv6-0']);
    const slice = await get<EndpointSlice>('endpointslice', v4!, namespace);
    expect(slice.metadata?.labels).toHaveProperty(['service.kubernetes.io/headless']);
    const pod = await get<{ metadata: { uid: string }; spec: { nodeName: string } }>(
      'pod',
      'web-1',
      namespace,
    );
    expect(slice.endpoints?.find(({ hostname }) => hostname === 'one')).toMatchObject({
      addresses: [one[0]],
      nodeName: pod.spec.nodeName,
      targetRef: { kind: 'Pod', name: 'web-1', namespace, uid: pod.metadata.uid },
    });
  });

  test('go while a pod is not ready, unless the Service asks for such pods', async () => {
    await setReady('web-1', false);
    await eventuallyResolves([['A', `web.${domain}`]], [[two[0]!]]);
    const patch = '{"spec":{"publishNotReadyAddresses":true}}';
    await kubectl(['patch', 'service', 'web', '-p', patch], within);
    await eventuallyResolves([['A', `one.web.${domain}`]], [[one[0]!]]);
    await kubectl(['patch', 'service', 'web', '-p', patch.replace('true', 'false')], within);
    await setReady('web-1', true);
    await eventuallyResolves([['A', `web.${domain}`]], [[one[0]!, two[0]!].sort()]);
  });

  test('go when the pod gets other labels', async () => {
    await kubectl(['label', 'pod', 'web-2', 'old=yes'], within);
    await eventuallyResolves([['A', `web.${domain}`]], [[one[0]!]]);
    await kubectl(['label', 'pod', 'web-2', 'old-'], within);
    await eventuallyResolves([['A', `web.${domain}`]], [[one[0]!, two[0]!].sort()]);
  });
});

test('a load balancer is named by its address', { timeout: 120_000 }, async () => {
  const spec = {
    network: 'shop',
    replicas: 0,
    listeners: [{ name: 'http', protocol: 'TCP', port: 80 }],
    backends: { podSelector: { matchLabels: { app: 'web' } } },
  };
  await applyBalancer(namespace, 'shop-front', spec);
  await applyService(namespace, 'front', { names: { network: 'shop', 'load-balancer': 'shop-front' } });
  const address = await eventually('the load balancer has an address', async () => {
    const { status } = await get<LoadBalancer>('loadbalancer', 'shop-front', namespace);
    return status?.addresses?.find((each) => each.includes('.'));
  });
  await eventuallyResolves([['A', `front.${domain}`]], [[address]]);
  await kubectl(['delete', 'loadbalancer', 'shop-front', '--wait=false'], within);
  await remarkOf(namespace, 'front', 'LoadBalancerNotFound', 'annotation heddle.dev/load-balancer');
  await eventually('its names are gone', async () => (await slicesOf(namespace, 'front')).length === 0);
});

describe('what is wrong gets an Event that names it, and no names (security.md: names-aim-traffic)', {
  timeout: 120_000,
}, () => {
  test.each<readonly [string, Readonly<Record<string, string>>, object, string, string]>([
    ['ip', WEB, { clusterIP: undefined }, 'InvalidSpec', 'spec.clusterIP: '],
    ['neither', { network: 'shop' }, {}, 'InvalidAnnotation', 'annotation heddle.dev/pods: is missing'],
    ['bad', { ...WEB, pods: 'app in' }, {}, 'InvalidAnnotation', 'annotation heddle.dev/pods: "app in"'],
    ['nowhere', { ...WEB, network: 'nowhere' }, {}, 'NetworkNotFound', 'annotation heddle.dev/network: '],
    [
      'foreign',
      { ...WEB, network: `${owners}/private` },
      {},
      'NamespaceNotAllowed',
      `annotation heddle.dev/network: VirtualNetwork ${owners}/private does not let namespace ${namespace} join`,
    ],
  ])('a Service like %s', async (name, names, spec, reason, text) => {
    await applyService(namespace, `wrong-${name}`, { names, spec });
    await remarkOf(namespace, `wrong-${name}`, reason, text);
    expect(await slicesOf(namespace, `wrong-${name}`)).toEqual([]);
  });

  test('a selector takes the names away, and they come back when it goes', async () => {
    await kubectl(['patch', 'service', 'web', '-p', '{"spec":{"selector":{"app":"none"}}}'], within);
    await remarkOf(namespace, 'web', 'InvalidSpec', 'spec.selector: ');
    await eventually('the slices are gone', async () => (await slicesOf(namespace, 'web')).length === 0);
    await kubectl(['patch', 'service', 'web', '--type=merge', '-p', '{"spec":{"selector":null}}'], within);
    await eventuallyResolves([['A', `web.${domain}`]], [[one[0]!, two[0]!].sort()]);
  });

  test('a slice of somebody else stays, also one of the name of ours', async () => {
    const slice = (name: string) => ({
      apiVersion: 'discovery.k8s.io/v1',
      kind: 'EndpointSlice',
      metadata: { name, labels: { 'kubernetes.io/service-name': 'taken' } },
      addressType: 'IPv4',
      endpoints: [{ addresses: ['192.0.2.7'] }],
      ports: [],
    });
    await apply(['heddle-service-taken-ipv4-0', 'mine'].map(slice), namespace);
    await applyService(namespace, 'taken', { names: WEB });
    await remarkOf(namespace, 'taken', 'SliceTaken', 'heddle-service-taken-ipv4-0');
    await eventually(
      'the other slice is made',
      async () => (await slicesOf(namespace, 'taken')).length === 1,
    );
    await kubectl(['annotate', 'service', 'taken', 'heddle.dev/network-', 'heddle.dev/pods-'], within);
    await eventually('ours are gone', async () => (await slicesOf(namespace, 'taken')).length === 0);
    for (const name of ['heddle-service-taken-ipv4-0', 'mine']) {
      const { endpoints } = await get<EndpointSlice>('endpointslice', name, namespace);
      expect(endpoints?.[0]?.addresses).toEqual(['192.0.2.7']);
    }
  });
});

test('a deleted Service takes its names along, and a deleted slice comes back', {
  timeout: 120_000,
}, async () => {
  const [first] = await slicesOf(namespace, 'web');
  const before = await get('endpointslice', first!, namespace);
  await kubectl(['delete', 'endpointslice', first!], within);
  await eventually('it is made again', async () => {
    const now = await get('endpointslice', first!, namespace);
    return now.metadata.uid !== before.metadata.uid;
  });
  await kubectl(['delete', 'service', 'web'], within);
  await eventually('nothing is left', async () => {
    const left = await tryKubectl(
      ['get', 'endpointslices', '-l', 'kubernetes.io/service-name=web', '-o', 'name'],
      within,
    );
    return left.code === 0 && left.stdout.trim() === '';
  });
});

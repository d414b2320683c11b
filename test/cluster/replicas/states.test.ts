// SPDX-License-Identifier: Apache-2.0
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, describe, expect, test } from 'vitest';
import type { ServiceChain } from '../../../api/index.ts';
import { Writer } from '../../../kube/apply.ts';
import { loadKubeConfig } from '../../../kube/credentials.ts';
import type { KubeObject } from '../../../kube/object.ts';
import { resources } from '../../../kube/resource.ts';
import { createTransport } from '../../../kube/transport.ts';
import { waitForCondition } from '../../../tools/cluster/conditions.ts';
import { get, list, readTarget, tryKubectl } from '../../../tools/cluster/kubectl.ts';
import { useNamespace } from '../../../tools/cluster/namespace.ts';
import { eventually } from '../../../tools/cluster/wait.ts';
import { expectNoLoss } from '../../../tools/traffic/expect.ts';
import { applyChain, applyFirewall } from '../datapath/world.ts';
import { type ChainBed, createChainBed } from './world.ts';

const EDITS = 200;
const EDIT_EVERY_MS = 100;

describe('hops that cannot serve, beside a chain that does', () => {
  const namespace = useNamespace('states');
  let bed: ChainBed;

  beforeAll(async () => {
    bed = await createChainBed(namespace);
  }, 240_000);

  /** A chain through one firewall, for nobody's flows but those to a port that no other chain has. */
  const specOf = (name: string, port: number) => ({
    network: 'shop',
    priority: 9000,
    ports: [{ protocol: 'TCP', port }],
    functions: [{ kind: 'Firewall', name }],
  });
  const through = (name: string) => applyChain(namespace, name, specOf(name, 9999));
  const hopOf = async (name: string) =>
    (await get<ServiceChain>('servicechain', name, namespace)).status?.functions?.[0];
  const failsBy = (name: string, reason: string, timeoutMs = 60_000) =>
    eventually(
      `hop ${name}: Failed, ${reason}`,
      async () => {
        const hop = await hopOf(name);
        if (hop?.state === 'Failed' && hop.reason === reason && hop.message) return true;
        throw new Error(JSON.stringify(hop));
      },
      { timeoutMs },
    );

  test('each says what is wrong with it, and no flow of the other chain is lost', async () => {
    const traffic = await bed.startTraffic({ newPerSecond: 20 });
    const pod = { resources: { requests: { cpu: '1m', memory: '16Mi' } } };
    await applyFirewall(namespace, 'none', { replicas: 0 });
    await applyFirewall(namespace, 'nowhere', { pod: { nodeSelector: { 'no.such/label': 'here' } } });
    await applyFirewall(namespace, 'weightless', { pod });
    await applyFirewall(namespace, 'unpulled', { pod });
    // As when the registry does not have it.
    await eventually('the Deployment of unpulled', async () => {
      const image =
        '{"spec":{"template":{"spec":{"containers":[{"name":"firewall","image":"none.invalid/no:1"}]}}}}';
      return (
        (await tryKubectl(['patch', 'deployment', 'heddle-firewall-unpulled', '-p', image], { namespace }))
          .code === 0
      );
    });
    for (const name of ['none', 'nowhere', 'weightless', 'unpulled']) await through(name);
    const weightless = ['-l', 'heddle.dev/function=firewall.weightless', 'heddle.dev/weight=0'];
    await eventually('a pod of weightless', async () => {
      const reply = await tryKubectl(['annotate', 'pods', '--overwrite', ...weightless], { namespace });
      return reply.stdout.includes('annotated');
    });
    await failsBy('none', 'NoReplicas');
    await failsBy('nowhere', 'PodsMissing');
    await failsBy('weightless', 'NoWeight', 120_000);
    for (const name of ['none', 'nowhere', 'weightless']) {
      await waitForCondition({ kind: 'servicechain', name, namespace }, 'Ready', {
        status: 'False',
        reason: 'HopFailedClosed',
      });
    }
    expectNoLoss(await traffic.end());
  });

  test('a drain longer than the deadline is refused when it is applied', async () => {
    const patch = JSON.stringify({ spec: { drainSeconds: 601 } });
    const reply = await tryKubectl(['patch', 'firewall', 'first', '--type=merge', '-p', patch], {
      namespace,
    });
    expect(reply.code).not.toBe(0);
    expect(reply.stderr).toMatch(/drainSeconds.*600/);
  });

  test('a chain that is edited ten times a second disturbs no flow of another one', async () => {
    await through('none');
    const traffic = await bed.startTraffic({ newPerSecond: 20 });
    const { kubeconfig } = readTarget();
    const transport = createTransport({ config: loadKubeConfig(kubeconfig), userAgent: 'heddle-test' });
    const writer = new Writer({ transport, fieldManager: 'heddle-test' });
    const edits = Array.from({ length: EDITS }, async (_, index) => {
      await sleep(index * EDIT_EVERY_MS);
      const spec = specOf('none', 9000 + index);
      await writer.apply(resources.serviceChains, {
        metadata: { namespace, name: 'none' },
        spec,
      } as KubeObject);
    });
    await Promise.all(edits);
    await transport.close();
    await waitForCondition({ kind: 'servicechain', name: 'none', namespace }, 'Programmed');
    expectNoLoss(await traffic.end());
    expect(await list('chainslices.internal.heddle.dev', { namespace })).not.toHaveLength(0);
  });
});

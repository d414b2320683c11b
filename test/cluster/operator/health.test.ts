// SPDX-License-Identifier: Apache-2.0
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import { useNamespace } from '../../../tools/cluster/namespace.ts';
import { eventually, holds } from '../../../tools/cluster/wait.ts';
import { report as reportNode, usePhantomNode } from '../network/phantom-node.ts';
import { useInstances } from './instances.ts';
import { chainWorldOf } from './world.ts';

const node = usePhantomNode();
const clients = usePhantomNode();
const namespace = useNamespace('health');
const world = chainWorldOf(namespace, clients);
const instances = useInstances(namespace);
/** Its own pods never start: those of the tests stand for them. */
const firewall = { replicas: 1, pod: { nodeSelector: { 'heddle.dev/test': 'nowhere' } } };
const chainOf = (onFailure: 'Closed' | 'Open', ...names: readonly string[]) => ({
  network: 'shop',
  from: [{ podSelector: { matchLabels: { role: 'client' } } }],
  functions: names.map((name) => ({ kind: 'Firewall', name, onFailure })),
});
let id: number;

const goesDown = {
  report: () => instances.report(node, { down: [id] }),
  undo: () => instances.report(node, { down: [] }),
};

/** Both nodes say that they have the chain as it is now. */
async function program(chain: string): Promise<void> {
  const { metadata } = await instances.slice(chain);
  const slices = { [`${namespace}/${metadata.name}`]: metadata.generation };
  for (const each of [node, clients]) await instances.report(each, { slices });
}

/** Waits until no slice of a chain says anything of its one instance. */
async function settled(...chains: readonly string[]): Promise<void> {
  await eventually('the instance serves', async () => {
    const lists = await Promise.all(chains.map((chain) => instances.listed(chain)));
    return lists.every((list) => list.length === 1 && list[0]?.state === undefined);
  });
}

/**
 * How long after a report was taken in the chain says a reason, in milliseconds: the longest of two turns, once as it
 * comes for the first time and once again. The last turn is not taken back.
 */
async function delayOf(options: {
  readonly report: () => Promise<void>;
  readonly undo: () => Promise<void>;
  readonly chain: string;
  readonly reason: string;
}): Promise<number> {
  const { report, undo, chain, reason } = options;
  const delays: number[] = [];
  for (let turn = 0; turn < 2; turn += 1) {
    if (turn > 0) {
      await undo();
      await eventually('it is as it was', async () => !(await instances.isSaid(chain, reason)));
    }
    await report();
    const since = performance.now();
    await instances.says(chain, reason);
    delays.push(performance.now() - since);
  }
  return Math.max(...delays);
}

beforeAll(async () => {
  await world.network('shop');
  await world.firewall('edge', firewall);
  await world.pods('shop', { client: { role: 'client' } });
  await reportNode(node, {});
  await reportNode(clients, {});
  await world.chain('storefront', chainOf('Closed', 'edge'));
});

// A test that fails leaves nothing behind for those after it.
afterEach(async () => {
  await instances.report(node, { down: [] });
  await instances.report(clients, { unreachable: [] });
});

describe('an instance', () => {
  test('that has never been ready is in no slice, and the chain says what becomes of its flows and what to do', async () => {
    const missing = await instances.says('storefront', 'HopFailedClosed');
    expect(missing).toContain(
      'functions[0] fw/edge has no instance that takes new flows; its flows are dropped (onFailure: Closed): 0 of 1 pods of Firewall',
    );
    id = await instances.instance({ firewall: 'edge', pod: 'edge-1', node });
    const starting = await eventually('the pod is known', async () => {
      const message = await instances.says('storefront', 'HopFailedClosed');
      return message.includes('edge-1') && message;
    });
    expect(starting).toContain(`never ready so far: pod edge-1 on ${node}`);
    expect(await instances.listed('storefront')).toEqual([]);
    expect((await instances.chain('storefront')).status?.functions).toMatchObject([
      { ready: 0, desired: 1, state: 'Failed', reason: 'Starting' },
    ]);
  });

  test('that is ready is in the slice, and an Event says that the hop takes flows', async () => {
    await instances.podReady('edge-1', true);
    await eventually('it is listed', async () => (await instances.listed('storefront')).length === 1);
    expect(await instances.listed('storefront')).toEqual([{ id, node }]);
    await program('storefront');
    await instances.says('storefront', 'Ready');
    expect((await instances.chain('storefront')).status?.functions).toEqual([
      { kind: 'Firewall', name: 'edge', ready: 1, desired: 1, state: 'Healthy' },
    ]);
    await eventually('the Event', async () => {
      return (await instances.told('ServiceChain', 'storefront', 'HopReturned')).length === 1;
    });
  });

  test('that its node reports as down is Down in the slice within a second, and chain and Event say so', async () => {
    const took = await delayOf({ ...goesDown, chain: 'storefront', reason: 'HopFailedClosed' });
    expect(took).toBeLessThan(1000);
    expect(await instances.listed('storefront')).toEqual([{ id, node, state: 'Down' }]);
    const { message } = (await instances.chain('storefront')).status!.conditions!.find(
      ({ type }) => type === 'Ready',
    )!;
    expect(message).toContain(
      'functions[0] fw/edge has no instance that forwards; its flows are dropped (onFailure: Closed)',
    );
    const event = await eventually(
      'the Event',
      async () => {
        const told = await instances.told('ServiceChain', 'storefront', 'HopFailedClosed');
        return told.find((text) => text.includes('no instance that forwards'));
      },
      { timeoutMs: 1000, intervalMs: 20 },
    );
    expect(event).toContain(`what goes into pod edge-1 on ${node} does not come out`);
  });

  test('that forwards again is used again', async () => {
    await instances.report(node, { down: [] });
    await settled('storefront');
    await program('storefront');
    await instances.says('storefront', 'Ready');
  });

  test('of a hop with onFailure Open is skipped while it is down, and the chain says that', async () => {
    await world.chain('lax', chainOf('Open', 'edge'));
    await eventually('it is on the nodes', async () => (await instances.listed('lax')).length === 1);
    const took = await delayOf({ ...goesDown, chain: 'lax', reason: 'HopSkipped' });
    expect(took).toBeLessThan(1000);
    await instances.says('storefront', 'HopFailedClosed');
    await eventually('the Event', async () => {
      const [text] = await instances.told('ServiceChain', 'lax', 'HopSkipped');
      return text?.includes('flows pass without it (onFailure: Open)');
    });
    await instances.report(node, { down: [] });
    await settled('lax', 'storefront');
  });

  test('on two chains costs each of them one write when it goes down, and a report that only counts none', async () => {
    const versions = async () =>
      Promise.all(['lax', 'storefront'].map(async (name) => (await instances.slice(name)).metadata));
    const before = await versions();
    await instances.report(node, { down: [id] });
    await eventually('it is Down in both', async () => {
      const both = [...(await instances.listed('lax')), ...(await instances.listed('storefront'))];
      return both.every(({ state }) => state === 'Down');
    });
    const down = await versions();
    expect(down.map(({ generation }) => generation)).toEqual(
      before.map(({ generation = 0 }) => generation + 1),
    );
    for (let i = 1; i <= 5; i += 1) await instances.report(node, { drops: { policy: i }, down: [id] });
    await holds(
      'the slices stay as they are',
      async () => (await versions()).every((now, i) => now.resourceVersion === down[i]?.resourceVersion),
      { forMs: 1500 },
    );
    await instances.report(node, { down: [] });
    await settled('lax', 'storefront');
    await world.remove('servicechain', 'lax');
  });
});

describe('a weight', () => {
  test('of the annotation is in the slice; of 0 everywhere the chain says so and what to do', async () => {
    await instances.annotate('edge-1', { 'heddle.dev/weight': '20' });
    await eventually('the weight', async () => (await instances.listed('storefront'))[0]?.weight === 20);
    await instances.annotate('edge-1', { 'heddle.dev/weight': '0' });
    expect(await instances.says('storefront', 'HopFailedClosed')).toContain(
      'weight 0 keeps new flows from pod edge-1 on ' +
        `${node}; set its annotation heddle.dev/weight to 1..256 or remove it`,
    );
    expect(await instances.listed('storefront')).toEqual([{ id, node, weight: 0 }]);
  });

  test('that is invalid causes an Event on the pod, and changes nothing', async () => {
    await instances.annotate('edge-1', { 'heddle.dev/weight': 'half' });
    await eventually('the Event', async () => {
      const [text] = await instances.told('Pod', 'edge-1', 'InvalidWeight');
      return text?.includes('"half" is not a whole number of 0..256');
    });
    await eventually('the default', async () => {
      return (await instances.listed('storefront'))[0]?.weight === undefined;
    });
    await instances.annotate('edge-1', { 'heddle.dev/weight': null });
  });
});

describe('a node that others cannot reach', () => {
  test('makes its instances Down within a second, as long as the reports of the other nodes count', async () => {
    await instances.nodeReady(node, true);
    await instances.nodeReady(clients, true);
    await program('storefront');
    await instances.says('storefront', 'Ready');
    const took = await delayOf({
      report: () => instances.report(clients, { unreachable: [node] }),
      undo: () => instances.report(clients, { unreachable: [] }),
      chain: 'storefront',
      reason: 'HopFailedClosed',
    });
    expect(took).toBeLessThan(1000);
    expect(await instances.listed('storefront')).toEqual([{ id, node, state: 'Down' }]);
    const [hop] = (await instances.chain('storefront')).status?.functions ?? [];
    expect(hop).toMatchObject({ state: 'Failed', reason: 'NodeUnreachable' });

    await instances.nodeReady(clients, false);
    await eventually('the word of a node that is not Ready does not count', async () => {
      return (await instances.listed('storefront'))[0]?.state === undefined;
    });
    await instances.report(clients, { unreachable: [] });
  });
});

describe('an instance that is to go', () => {
  test('drains in the slice while its pod ends, and when it is not ready any more; then it is listed no longer', async () => {
    await instances.podReady('edge-1', false);
    await eventually('it drains', async () => {
      return (await instances.listed('storefront'))[0]?.state === 'Draining';
    });
    await instances.podReady('edge-1', true);
    await settled('storefront');
    await instances.end('edge-1', 600);
    await eventually('it drains', async () => {
      return (await instances.listed('storefront'))[0]?.state === 'Draining';
    });
    expect(await instances.listed('storefront')).toEqual([{ id, node, state: 'Draining' }]);
    expect(await instances.says('storefront', 'HopFailedClosed')).toContain(
      'about to end, and kept for its flows: pod edge-1',
    );
    await instances.end('edge-1', 0);
    await eventually('it is gone', async () => (await instances.listed('storefront')).length === 0);
  });

  test('with replicas 0 the chain says to raise them', async () => {
    await world.firewall('edge', { ...firewall, replicas: 0 });
    const message = await eventually('the reason', async () => {
      const text = await instances.says('storefront', 'HopFailedClosed');
      return text.includes('spec.replicas') && text;
    });
    expect(message).toContain(`kubectl scale -n ${namespace} firewall/edge --replicas=1`);
    expect((await instances.chain('storefront')).status?.functions).toMatchObject([
      { ready: 0, desired: 0, state: 'Failed', reason: 'NoReplicas' },
    ]);
  });
});

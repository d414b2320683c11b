// SPDX-License-Identifier: Apache-2.0
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { Health, type HealthChange, type Targets } from '../../../../agent/health/health.ts';
import type { ProbePlan, ProbeReport } from '../../../../agent/kernel/protocol.ts';

const targets = (instances: readonly number[], nodes: readonly string[] = []): Targets => ({
  attached: new Set(instances),
  instances: new Map(instances.map((id) => [id, new Set([4 as const])])),
  peers: new Map(nodes.map((node) => [node, new Uint8Array(16)])),
});

/** The kernel's process, whose reports a test makes. */
function start(refusals = 0) {
  const plans: (ProbePlan | undefined)[] = [];
  let left = refusals;
  let report: (said: Partial<ProbeReport>) => void = () => undefined;
  const health = new Health({
    kernel: {
      mapDump: async () => ({ keys: new Uint8Array(), values: new Uint8Array(), count: 0 }),
      mapUpdate: async () => undefined,
      mapDelete: async () => 0,
      probe: async ({ plan }: { plan?: ProbePlan }) => {
        if (left-- > 0) throw new Error('not now');
        plans.push(plan);
      },
      onProbes: (listener: (said: ProbeReport) => void) => {
        report = (said) => listener({ levels: [], ...said } as ProbeReport);
        return () => undefined;
      },
    } as unknown as ConstructorParameters<typeof Health>[0]['kernel'],
    mapsDir: '/maps',
    ifindex: 5,
    times: { intervalMs: 50, misses: 4 },
    log: { warn: () => undefined, info: () => undefined },
  });
  const changes: HealthChange[] = [];
  health.subscribe((change) => changes.push(change));
  return { health, plans, changes, report: (said: Partial<ProbeReport>) => report(said) };
}
const names = (plan: ProbePlan | undefined) => plan?.targets.map(({ name }) => name);
const settled = () => vi.advanceTimersByTimeAsync(0);

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
});
afterEach(() => {
  vi.useRealTimers();
});

describe('the health of instances and nodes', () => {
  test('is probed as the targets say, and not told again while they are the same', async () => {
    const { health, plans } = start();
    health.setTargets(targets([7], ['b']));
    await settled();
    expect(plans.map(names)).toEqual([['4/7', 'node/b']]);
    expect(plans[0]).toMatchObject({ ifindex: 5, intervalMs: 50 });
    health.setTargets(targets([7], ['b']));
    await settled();
    expect(plans).toHaveLength(1);
    health.setTargets(targets([7, 8]));
    await settled();
    expect(names(plans[1])).toEqual(['4/7', '4/8']);
  });

  test('of an instance that has not answered yet is neither up nor known to be down', async () => {
    const { health, report, changes } = start();
    health.setTargets(targets([7]));
    expect([health.isDown(7), health.down, health.proving]).toEqual([true, [], [7]]);
    report({ levels: [['4/7', 0]] });
    expect([health.isDown(7), health.proving]).toEqual([false, []]);
    expect(changes).toEqual([{ kind: 'Instance', id: 7, health: 'Healthy' }]);
  });

  test('of one that stops answering is down at once, and up again a second after it answers', async () => {
    const { health, report } = start();
    health.setTargets(targets([9, 7]));
    report({
      levels: [
        ['4/7', 0],
        ['4/9', 0],
      ],
    });
    report({
      levels: [
        ['4/9', 2],
        ['4/7', 2],
      ],
    });
    expect(health.down).toEqual([7, 9]);
    report({ levels: [['4/7', 0]] });
    await vi.advanceTimersByTimeAsync(900);
    expect(health.down).toEqual([7, 9]);
    await vi.advanceTimersByTimeAsync(200);
    expect(health.down).toEqual([9]);
    expect(health.instances).toEqual([
      { id: 9, isUp: false },
      { id: 7, isUp: true },
    ]);
  });

  test('of a node that is not probed counts as reachable, and one that does not answer is named', async () => {
    const { health, report } = start();
    health.setTargets(targets([], ['c', 'b']));
    expect(health.isUnreachable('elsewhere')).toBe(false);
    report({
      levels: [
        ['node/c', 0],
        ['node/b', 0],
      ],
    });
    report({
      levels: [
        ['node/c', 2],
        ['node/b', 2],
      ],
    });
    expect(health.unreachable).toEqual(['b', 'c']);
  });

  test('is asked for again when the kernel’s process refused the plan, or was started anew', async () => {
    const { health, plans } = start(2);
    health.setTargets(targets([7]));
    await settled();
    expect(plans).toHaveLength(0);
    await vi.advanceTimersByTimeAsync(200);
    await vi.advanceTimersByTimeAsync(200);
    expect(plans.map(names)).toEqual([['4/7']]);
    health.restart();
    await settled();
    expect(plans).toHaveLength(2);
  });

  test('is told with the reason why nobody is probed, until probes can be sent again', async () => {
    const { health, report } = start();
    let told = 0;
    health.subscribeToFailure(() => told++);
    report({ failure: 'no device' });
    expect([health.failure, told]).toEqual(['no device', 1]);
    report({ failure: '' });
    expect([health.failure, told]).toEqual(['', 2]);
  });

  test('of an earlier agent is adopted, and its end stops the probes', async () => {
    const { health, plans } = start();
    health.adopt(7, false);
    health.adopt(8, true);
    health.setTargets(targets([7, 8]));
    expect([health.isDown(7), health.isDown(8)]).toEqual([false, true]);
    await settled();
    await health.close();
    expect(plans.at(-1)).toBeUndefined();
  });
});

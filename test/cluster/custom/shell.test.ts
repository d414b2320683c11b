// SPDX-License-Identifier: Apache-2.0
import { beforeAll, describe, expect, test } from 'vitest';
import type { ChainSlice, CustomFunction } from '../../../api/index.ts';
import { get, kubectl, list } from '../../../tools/cluster/kubectl.ts';
import { useNamespace } from '../../../tools/cluster/namespace.ts';
import { eventually } from '../../../tools/cluster/wait.ts';
import { connect } from '../../../tools/cluster/workloads.ts';
import { applyExample, ask, type Example, instances, type RunningPod, runIn } from './world.ts';

describe('the example of a few lines of shell', () => {
  const namespace = useNamespace('custom-shell');
  const names = { namespace, function: 'limiter', chain: 'limited' };
  let example: Example;

  beforeAll(async () => {
    example = await applyExample('shell/shell.yaml', names);
  }, 240_000);

  const from = (address: string, port: number) => connect({ pod: example.client, namespace, address, port });

  test.each(['v4', 'v6'] as const)(
    'what it does not drop passes, what it drops does not: %s',
    async (family) => {
      const open = await from(example[family], 8080);
      expect(open.outcome).toBe('answered');
      expect(open.body).toContain(family === 'v4' ? '10.20.' : 'fd20::');
      expect((await from(example[family], 8081)).outcome).toBe('silent');
    },
  );

  test('a flow and its replies go through one instance, and both have some', async () => {
    const { sent, failed } = await ask({
      ...example,
      namespace,
      address: example.v4,
      seconds: 2,
      keep: false,
    });
    expect(failed).toEqual([]);
    const tracked = await Promise.all(
      (await instances(names)).map(async ({ metadata }) =>
        (await runIn(metadata.name, namespace, ['conntrack', '-L', '-p', 'tcp', '--dport', '8080']))
          .split('\n')
          .filter((line) => line.includes(`dst=${example.v4} `) && line.includes('zone=')),
      ),
    );
    expect(tracked.flat().length).toBeGreaterThanOrEqual(sent);
    expect(tracked.flat().filter((line) => !line.includes('[ASSURED]'))).toEqual([]);
    for (const lines of tracked) expect(lines.length).toBeGreaterThan(0);
  });

  test('the status says what went in and what came out of it', async () => {
    await from(example.v4, 8081);
    const { status } = await eventually(
      'more went in than came out',
      async () => {
        const object = await get<CustomFunction>('customfunction', 'limiter', namespace);
        return Number(object.status?.in?.packets) > Number(object.status?.out?.packets) && object;
      },
      { timeoutMs: 20_000 },
    );
    expect(Number(status?.out?.packets)).toBeGreaterThan(10);
  });

  test('an instance that is deleted keeps its flows, and its container runs until they have ended', async () => {
    const [gone] = (await instances(names)) as [RunningPod];
    const { name } = gone.metadata;
    const asking = ask({ ...example, namespace, address: example.v4, seconds: 7, keep: true });
    await new Promise((resolve) => setTimeout(resolve, 1000));
    await kubectl(['delete', 'pod', name, '--wait=false'], { namespace });
    await new Promise((resolve) => setTimeout(resolve, 4000));
    const { metadata, status } = await get<RunningPod & { kind: string }>('pod', name, namespace);
    expect(metadata.deletionTimestamp).toBeDefined();
    expect(status.containerStatuses?.find((each) => each.name === 'function')?.state.running).toBeDefined();
    const { sent, failed } = await asking;
    expect(failed).toEqual([]);
    expect(sent).toBeGreaterThan(100);
    await eventually('two instances again', async () => (await instances(names)).length === 2);
    await eventually(
      'it has ended',
      async () =>
        (await list('pods', { namespace, selector: `heddle.dev/function=customfunction.limiter` })).length ===
        2,
    );
  }, 60_000);

  test('an instance whose probe fails has no flows any more, and has some again when it does not', async () => {
    const [one] = (await instances(names)) as [RunningPod];
    const state = async () => {
      const slices = await list<ChainSlice>('chainslices.internal.heddle.dev', { namespace });
      return slices
        .flatMap(({ spec }) => spec.hops ?? [])
        .flatMap((hop) => hop.instances.map((each) => each.state));
    };
    await runIn(one.metadata.name, namespace, ['rm', '/tmp/ready']);
    await eventually('it is Unready', async () => (await state()).includes('Unready'), { timeoutMs: 15_000 });
    const { failed } = await ask({ ...example, namespace, address: example.v4, seconds: 1, keep: false });
    expect(failed).toEqual([]);
    await runIn(one.metadata.name, namespace, ['touch', '/tmp/ready']);
    await eventually('both serve', async () => (await state()).every((each) => each === undefined));
  });

  test('flows of an instance that lets nothing through any more go to the other', async () => {
    const [, dead] = (await instances(names)) as [RunningPod, RunningPod];
    const asking = ask({ ...example, namespace, address: example.v4, seconds: 5, keep: true });
    await new Promise((resolve) => setTimeout(resolve, 1500));
    await runIn(dead.metadata.name, namespace, ['nft', 'insert rule inet limiter forward drop']);
    const { sent, failed } = await asking;
    expect(failed).toEqual([]);
    expect(sent).toBeGreaterThan(50);
  }, 60_000);
});

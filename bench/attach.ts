// SPDX-License-Identifier: Apache-2.0
import { attach, detach } from '../agent/apply/attachment.ts';
import { type Attachment, renderAttachment } from '../agent/render/attachment.ts';
import { type Ground, openGround } from '../test/kernel/attachment/ground.ts';
import { instancePort, networkPort, node, shop } from '../test/kernel/attachment/ports.ts';
import { layWires } from '../test/kernel/attachment/wires.ts';
import { percentile, table } from './figures.ts';
import { onExit } from './leave.ts';
import type { PartOptions, Section } from './section.ts';

/** The target. A pod's start waits for its interface in the runtime's hook, and so do the starts of all other pods. */
const TARGET_MS = 5;
const PODS = 1000;
const QUICK_PODS = 100;
const INSTANCES = 100;
/** Attachments before the measurement: in a running agent, the code of the child process is warm. */
const WARM_UP = 20;

interface Timings {
  readonly what: string;
  readonly times: readonly number[];
}

/**
 * Measures how long a pod's start waits for its interface: all of the runtime's hook except for the protocol (0.2 ms),
 * with the one map write by which the agent informs its data path.
 */
export async function runAttach({ quick, progress }: PartOptions): Promise<Section> {
  await using stack = new AsyncDisposableStack();
  using _leaving = onExit(() => stack.disposeAsync());
  const ground = openGround();
  stack.defer(() => ground.close());
  const count = quick ? QUICK_PODS : PODS;
  progress(`${count} pods`);
  return renderAttach(await measure(ground, count), count);
}

async function measure(on: Ground, count: number): Promise<readonly Timings[]> {
  const pods = Array.from({ length: count + WARM_UP }, (_, index) => podAttachment(on, index));
  const instances = Array.from({ length: Math.min(count, INSTANCES) }, (_, index) =>
    instanceAttachment(on, index),
  );
  for (const pod of pods.splice(0, WARM_UP)) await attachOne(on, pod);
  return [
    { what: 'a pod of a network', times: await timeEach(pods, (pod) => attachOne(on, pod)) },
    { what: 'the same again, nothing to do', times: await timeEach(pods, (pod) => attachOne(on, pod)) },
    { what: '`chain0` of an instance', times: await timeEach(instances, (one) => attachOne(on, one)) },
    {
      what: 'detachment',
      times: await timeEach(pods.slice(0, 200), ({ hostName }) => detach({ kernel: on.kernel, hostName })),
    },
  ];
}

function renderAttach(timings: readonly Timings[], count: number): Section {
  const rows = timings.map(({ what, times }) => [
    what,
    String(times.length),
    ...[50, 90, 99, 100].map((percent) => percentile(times, percent).toFixed(2)),
  ]);
  const p99 = percentile(timings[0]?.times ?? [], 99);
  const verdict = p99 <= TARGET_MS ? 'met' : '**missed**';
  return {
    title: 'Attachment of a pod',
    markdown: [
      `- ${verdict}: the hook of a pod's start takes at most ${TARGET_MS} ms, 99th percentile: ${p99.toFixed(2)} ms`,
      `Of ${count} pods on one node, one after the other, in ms:`,
      table(['', 'times', 'p50', 'p90', 'p99', 'most'], rows),
    ].join('\n\n'),
  };
}

function attachOne(on: Ground, attachment: Attachment): Promise<unknown> {
  const beforeUp = (from: number) => layWires(on, [{ from, to: from }]);
  return attach({ kernel: on.kernel, paths: on, attachment, beforeUp });
}

async function timeEach<T>(items: readonly T[], work: (item: T) => Promise<unknown>): Promise<number[]> {
  const times: number[] = [];
  for (const item of items) {
    const began = performance.now();
    await work(item);
    times.push(performance.now() - began);
  }
  return times;
}

function podAttachment(on: Ground, index: number): Attachment {
  const [high, low] = [(index + 256) >> 8, index & 0xff];
  const hex = (byte: number) => byte.toString(16).padStart(2, '0');
  const port = networkPort({
    uid: `bench-${index}`,
    addresses: [`10.20.${high}.${low}`, `fd20::${hex(high)}${hex(low)}`],
    mac: `06:00:00:00:${hex(high)}:${hex(low)}`,
  });
  return renderAttachment({ port, netnsPath: on.addNetns(`bench-${index}`), network: shop, node });
}

function instanceAttachment(on: Ground, index: number): Attachment {
  const port = instancePort({ uid: `bench-fn-${index}`, instance: index + 1 });
  return renderAttachment({ port, netnsPath: on.addNetns(`bench-fn-${index}`), node });
}

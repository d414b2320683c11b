import { parseArgs } from 'node:util';
import { attach, detach } from '../../agent/apply/attachment.ts';
import { type Attachment, renderAttachment } from '../../agent/render/attachment.ts';
import { type Ground, missingForGround, openGround } from '../kernel/attachment/ground.ts';
import { instancePort, networkPort, node, shop } from '../kernel/attachment/ports.ts';
import { layWires } from '../kernel/attachment/wires.ts';

/**
 * How long a pod's start waits for its interface: the whole of the runtime's hook but the protocol (0.2 ms),
 * with one write of a map where the agent tells its data path.
 *
 *   node test/bench/attach.ts [--pods 1000]
 */
const TARGET_MS = 5;

const { values } = parseArgs({ options: { pods: { type: 'string', default: '1000' } } });
const missing = missingForGround();
if (missing !== undefined) {
  console.error(`cannot run here: ${missing}`);
  process.exit(1);
}

const ground = openGround();
try {
  await bench(ground, Number(values.pods));
} finally {
  await ground.close();
}

async function bench(on: Ground, count: number): Promise<void> {
  const pods = Array.from({ length: count }, (_, index) => podAttachment(on, index));
  const instances = Array.from({ length: Math.min(count, 100) }, (_, index) => instanceAttachment(on, index));
  // The child's code is warm in an agent that has run for more than a moment.
  for (const pod of pods.splice(0, 20)) await attachOne(on, pod);
  const fresh = await timeEach(pods, (pod) => attachOne(on, pod));
  report(`attach, own pod (${pods.length} pods)`, fresh);
  report(`attach again, nothing to do`, await timeEach(pods, (pod) => attachOne(on, pod)));
  report(`attach, chain0 of an instance`, await timeEach(instances, (one) => attachOne(on, one)));
  const detached = await timeEach(pods.slice(0, 200), ({ hostName }) =>
    detach({ kernel: on.kernel, hostName }),
  );
  report('detach', detached);
  const p99 = percentile(fresh, 99);
  console.log(p99 <= TARGET_MS ? `p99 is within ${TARGET_MS} ms` : `p99 is over ${TARGET_MS} ms`);
  if (percentile(fresh, 50) > TARGET_MS) process.exitCode = 1;
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

function report(what: string, times: readonly number[]): void {
  const figures = [50, 90, 99, 100].map((p) => `p${p} ${percentile(times, p).toFixed(2)}`);
  console.log(`${what}: ${figures.join('  ')} ms`);
}

function percentile(times: readonly number[], p: number): number {
  const sorted = times.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor((sorted.length * p) / 100))] ?? 0;
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

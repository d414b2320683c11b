// SPDX-License-Identifier: Apache-2.0
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { decodeProbe } from '../../agent/render/generated/layout.ts';
import { childrenOf, processorMs } from '../kernel/health/processes.ts';
import { World } from '../kernel/world/world.ts';

/**
 * Measures the cost of probes for a node: the share of one core that the agent and its kernel process use while they
 * probe many instances, IPv4 and IPv6, every 50 ms. The whole path of a probe runs in the process that sends it, the
 * forwarding in the functions included. So the measurement is repeated with functions that drop every packet as it
 * comes in, which leaves the agent's own cost.
 *
 *   node test/soak/probe-cost.ts [--instances 100] [--seconds 10]
 */

const objectFile = new URL('../../dist/heddle.bpf.o', import.meta.url).pathname;
const TARGET = 0.03;

/** Drops packets before anything else in the function's network stack. */
const THROW_AWAY = `
table netdev door {
  chain in { type filter hook ingress device chain0 priority -500; policy drop; }
}`;

export interface ProbeCost {
  readonly instances: number;
  /** Shares of one core. */
  readonly idle: number;
  readonly agent: number;
  readonly kernelProcess: number;
  /** Both, with functions that drop everything. */
  readonly withoutForwarding: number;
  readonly probesPerSecond: number;
}

export async function measureProbeCost(options: {
  readonly instances: number;
  readonly seconds: number;
}): Promise<ProbeCost> {
  const world = await World.create({ nodes: ['one'], objectFile });
  try {
    return await measure(world, options);
  } finally {
    await world.close();
  }
}

async function measure(
  world: World,
  { instances, seconds }: { readonly instances: number; readonly seconds: number },
): Promise<ProbeCost> {
  await world.addNetwork({ name: 'shop', vni: 4097, subnets: ['10.20.0.0/16', 'fd20::/64'] });
  const addresses = ['10.20.0.1', 'fd20::1'];
  await world.addPod({ name: 'client', node: 'one', network: 'shop', addresses });
  const names = Array.from({ length: instances }, (_, index) => `f${index + 1}`);
  for (const [index, name] of names.entries())
    await world.addInstance({ name, node: 'one', id: index + 1, function: 'edge' });
  const agent = world.agentPid('one');
  const [kernelProcess] = await childrenOf(agent);
  const share = async () => {
    const pids = [agent, kernelProcess!];
    const before = await Promise.all(pids.map(processorMs));
    const started = performance.now();
    await sleep(seconds * 1000);
    const after = await Promise.all(pids.map(processorMs));
    const ms = performance.now() - started;
    return after.map((each, index) => (each - before[index]!) / ms);
  };
  const idle = await share();
  await world.setChains([
    {
      name: 'chain',
      network: 'shop',
      pathId: 7,
      from: { any: false, addresses },
      to: { any: true },
      hops: [{ instances: names }],
    },
  ]);
  const answeredBefore = await answers(world);
  const probing = await share();
  const answered = (await answers(world)) - answeredBefore;
  for (const name of names) await world.exec(name, ['nft', '-f', '-'], THROW_AWAY);
  await sleep(1000);
  const without = await share();
  return {
    instances,
    idle: sum(idle),
    agent: probing[0]!,
    kernelProcess: probing[1]!,
    withoutForwarding: sum(without),
    probesPerSecond: Math.round(answered / seconds),
  };
}

async function answers(world: World): Promise<number> {
  const entries = await world.dumpMap('one', 'probes');
  return entries.reduce((all, { value }) => all + Number(decodeProbe(value).answered), 0);
}

function sum(values: readonly number[]): number {
  return values.reduce((all, each) => all + each, 0);
}

function percent(share: number): string {
  return `${(share * 100).toFixed(2)}%`;
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: {
      instances: { type: 'string', default: '100' },
      seconds: { type: 'string', default: '10' },
    },
  });
  const cost = await measureProbeCost({
    instances: Number(values.instances),
    seconds: Number(values.seconds),
  });
  const total = cost.agent + cost.kernelProcess;
  console.log(
    `${cost.instances} instances, ${cost.probesPerSecond} probes a second answered; shares of one core:`,
  );
  console.log(`  nothing probed                          ${percent(cost.idle)}`);
  console.log(`  agent                                   ${percent(cost.agent)}`);
  console.log(`  its kernel's process, forwarding and all ${percent(cost.kernelProcess)}`);
  console.log(`  both, with functions that throw away    ${percent(cost.withoutForwarding)}`);
  console.log(`  so the functions' own forwarding is     ${percent(total - cost.withoutForwarding)}`);
  const isWithin = cost.withoutForwarding < TARGET;
  console.log(
    `besides that forwarding: ${isWithin ? 'below' : 'ABOVE'} the ${percent(TARGET)} that it may cost`,
  );
  process.exitCode = isWithin ? 0 : 1;
}

// SPDX-License-Identifier: Apache-2.0
import { down } from '../../tools/kind/cluster.ts';
import { detectEngine } from '../../tools/kind/engine/detect.ts';
import { ensureExampleImage } from '../../tools/kind/example-images.ts';
import { createProgress } from '../../tools/kind/progress.ts';
import { createShell } from '../../tools/kind/shell.ts';
import { prepareCluster } from '../../tools/suite/cluster.ts';
import { onExit } from '../leave.ts';
import type { PartOptions, Section } from '../section.ts';
import { IMAGE } from './objects.ts';
import { renderLoadBalancer } from './report.ts';
import { measureRounds } from './rounds.ts';
import { buildWorld, chooseNodes, type World } from './world.ts';

const CLUSTER = 'heddle-bench';
const IMAGE_FOLDER = 'bench/loadbalancer/image';
const FULL = { rounds: 9, milliseconds: 2000 };
const QUICK = { rounds: 3, milliseconds: 500 };

/**
 * Compares Heddle's load balancer with kube-proxy and HAProxy, from one client to the same servers, on a cluster of the
 * benchmark's own that is removed afterwards.
 */
export async function runLoadBalancer({ quick, progress }: PartOptions): Promise<Section> {
  await using stack = new AsyncDisposableStack();
  using _leaving = onExit(() => down(CLUSTER));
  stack.defer(() => down(CLUSTER));
  // A run that was killed may have left a cluster in any state.
  await down(CLUSTER);
  const world = await bringUp();
  progress('measuring');
  const how = quick ? QUICK : FULL;
  return renderLoadBalancer(await measureRounds({ ...world, ...how, progress }), how);
}

async function bringUp(): Promise<World> {
  const progress = createProgress('bench-loadbalancer');
  // Code that talks to the cluster reads these variables.
  Object.assign(process.env, await prepareCluster(CLUSTER));
  const engine = await detectEngine(createShell());
  if (!engine) throw new Error('no container engine answers, though it has just made a cluster');
  const nodes = await chooseNodes();
  await ensureExampleImage({ name: IMAGE, folder: IMAGE_FOLDER }, Object.values(nodes), progress);
  return progress.step('Servers, client and balancers', () => buildWorld(engine, nodes));
}

// SPDX-License-Identifier: Apache-2.0
import { parseArgs } from 'node:util';
import { collectArtifacts, keepArtifacts } from '../cluster/artifacts.ts';
import { findCommand } from '../kind/find.ts';
import { createProgress, formatSeconds, type Progress } from '../kind/progress.ts';
import { artifactsFolder, prepareCluster } from '../suite/cluster.ts';
import { type Demo, demos } from './demos.ts';
import { renderDirections, renderProofs } from './table.ts';

const cluster = 'heddle-demo';
const usage = `Usage: npm run demo [-- --example ${Object.keys(demos).join('|')}]`;

async function main(): Promise<number> {
  const demo = chosenDemo();
  if (!demo) {
    console.error(usage);
    return 2;
  }
  const started = performance.now();
  await demo.prepare?.();
  // Code that talks to the cluster reads these variables, as in the cluster suite.
  Object.assign(process.env, await prepareCluster(cluster), { HEDDLE_ARTIFACTS: artifactsFolder() });
  keepArtifacts.namespaces.add(demo.namespace);
  try {
    return await show(demo, createProgress('demo'), started);
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    return await fail();
  }
}

function chosenDemo(): Demo | undefined {
  try {
    const { values } = parseArgs({ options: { example: { type: 'string', default: 'storefront' } } });
    return demos[values.example];
  } catch (error) {
    console.error((error as Error).message);
    return undefined;
  }
}

async function show(demo: Demo, progress: Progress, started: number): Promise<number> {
  await progress.step(`Apply examples/${demo.name}`, () => demo.apply());
  const { what, proofs } = await progress.step('Send traffic', () => demo.prove());
  console.log(`\n${what} showed:`);
  console.log(`${renderProofs(proofs)}\n`);
  const { KUBECONFIG = '', HEDDLE_KUBECTL } = process.env;
  const kubectl = findCommand('kubectl') === HEDDLE_KUBECTL ? undefined : HEDDLE_KUBECTL;
  console.log(renderDirections({ kubeconfig: KUBECONFIG, kubectl, commands: await demo.lookAround() }));
  const proved = proofs.every((proof) => proof.proved);
  console.log(`\n${proved ? 'Proved' : 'NOT proved'} in ${formatSeconds(performance.now() - started)}.`);
  return proved ? 0 : await fail();
}

async function fail(): Promise<number> {
  console.error(`What is needed to understand it: ${await collectArtifacts('demo')}`);
  return 1;
}

try {
  process.exitCode = await main();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}

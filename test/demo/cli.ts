import { collectArtifacts, keepArtifacts } from '../cluster/support/artifacts.ts';
import { findCommand } from '../kind/find.ts';
import { createProgress, formatSeconds, type Progress } from '../kind/progress.ts';
import { artifactsFolder, prepareCluster } from '../run/cluster.ts';
import { applyExample, namespace, observeStorefront } from './example.ts';
import { prove } from './prove.ts';
import { type Proof, renderDirections, renderProofs } from './table.ts';

const cluster = 'heddle-demo';

async function main(): Promise<number> {
  const started = performance.now();
  // What asks the cluster reads from the environment where it is, here as in the cluster suite.
  Object.assign(process.env, await prepareCluster(cluster), { HEDDLE_ARTIFACTS: artifactsFolder() });
  keepArtifacts.namespaces.add(namespace);
  try {
    return await show(createProgress('demo'), started);
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    return await fail();
  }
}

async function show(progress: Progress, started: number): Promise<number> {
  const storefront = await progress.step('Apply examples/storefront', async () => {
    await applyExample();
    return observeStorefront();
  });
  const proofs: readonly Proof[] = await progress.step('Send traffic', () => prove(storefront));
  console.log(
    `\nReal traffic from ${namespace}/${storefront.client.metadata.name} to ${storefront.address} showed:`,
  );
  console.log(`${renderProofs(proofs)}\n`);
  const { KUBECONFIG = '', HEDDLE_KUBECTL } = process.env;
  const kubectl = findCommand('kubectl') === HEDDLE_KUBECTL ? undefined : HEDDLE_KUBECTL;
  console.log(renderDirections({ kubeconfig: KUBECONFIG, kubectl, namespace, address: storefront.address }));
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

import { parseArgs } from 'node:util';
import { buildAll } from '../build/build.ts';
import { down, status, up } from './cluster.ts';
import { buildableImages, buildImages, imageSpecs } from './images.ts';
import { createProgress, formatSeconds } from './progress.ts';

const usage = 'Usage: node tools/kind/cli.ts up|down|status [--name heddle-demo]';

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { name: { type: 'string', default: 'heddle-demo' } },
  });
  switch (positionals[0]) {
    case 'up':
      return runUp(values.name);
    case 'down':
      await down(values.name);
      return 0;
    case 'status':
      return runStatus(values.name);
    default:
      console.error(usage);
      return 2;
  }
}

async function runUp(name: string): Promise<number> {
  const started = performance.now();
  const progress = createProgress(`up-${name}`);
  await progress.step('Build the programs', () => buildAll());
  const specs = buildableImages();
  const images = await buildImages({ specs, progress });
  const cluster = await up({ name, images, progress });
  const left = imageSpecs.filter((spec) => !specs.includes(spec)).map((spec) => spec.name);
  if (left.length > 0) progress.say(`Without their programs in dist/, not built: ${left.join(', ')}`);
  console.log(`${name} is up (${formatSeconds(performance.now() - started)}): ${cluster.nodes.join(', ')}`);
  console.log(`export KUBECONFIG=${cluster.kubeconfig}`);
  console.log(`kubectl: ${cluster.tools.kubectl}`);
  console.log(`helm: ${cluster.tools.helm}`);
  return 0;
}

async function runStatus(name: string): Promise<number> {
  const found = await status(name);
  console.log(`${name}: ${found.state}`);
  if (found.nodes) console.log(found.nodes);
  if (found.state !== 'absent') console.log(`export KUBECONFIG=${found.kubeconfig}`);
  return found.state === 'healthy' ? 0 : 1;
}

try {
  process.exitCode = await main();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}

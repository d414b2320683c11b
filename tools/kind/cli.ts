// SPDX-License-Identifier: Apache-2.0
import { parseArgs } from 'node:util';
import { buildAll } from '../build/build.ts';
import { down, status, type UpOptions, up } from './cluster.ts';
import { buildableImages, buildImages, imageSpecs } from './images.ts';
import { createProgress, formatSeconds, type Progress } from './progress.ts';

const usage = `Usage: npm run cluster:up|cluster:down|cluster:status [-- --name heddle-demo]
       npm run cluster:up [-- --nodes 3] [--registry PORT]

  --registry PORT  no images are built: the nodes pull from a registry at 127.0.0.1:PORT, which is started too`;

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      name: { type: 'string', default: 'heddle-demo' },
      nodes: { type: 'string', default: '3' },
      registry: { type: 'string' },
    },
  });
  switch (positionals[0]) {
    case 'up':
      return runUp({
        name: values.name,
        nodes: parseNumber('--nodes', values.nodes, 20),
        ...(values.registry ? { registryPort: parseNumber('--registry', values.registry, 65_535) } : {}),
      });
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

function parseNumber(flag: string, text: string, most: number): number {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 1 || number > most) {
    throw new Error(`${flag} ${text}: a number from 1 to ${most}`);
  }
  return number;
}

async function runUp(options: UpOptions): Promise<number> {
  const started = performance.now();
  const { name } = options;
  const progress = createProgress(`up-${name}`);
  const images = options.registryPort === undefined ? await buildOurs(progress) : [];
  const cluster = await up({ ...options, images, progress });
  console.log(`${name} is up (${formatSeconds(performance.now() - started)}): ${cluster.nodes.join(', ')}`);
  console.log(`export KUBECONFIG=${cluster.kubeconfig}`);
  console.log(`kubectl: ${cluster.tools.kubectl}`);
  console.log(`helm: ${cluster.tools.helm}`);
  return 0;
}

async function buildOurs(progress: Progress): Promise<readonly string[]> {
  await progress.step('Build the programs', () => buildAll());
  const specs = buildableImages();
  const left = imageSpecs.filter((spec) => !specs.includes(spec)).map((spec) => spec.name);
  if (left.length > 0) progress.say(`Without their programs in dist/, not built: ${left.join(', ')}`);
  return buildImages({ specs, progress });
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

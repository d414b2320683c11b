import { parseArgs } from 'node:util';
import { down, status, up } from './cluster.ts';

const usage = 'Usage: node test/kind/cli.ts up|down|status [--name heddle-demo]';

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { name: { type: 'string', default: 'heddle-demo' } },
  });
  switch (positionals[0]) {
    case 'up': {
      const cluster = await up({ name: values.name });
      console.log(`${cluster.name} is up: ${cluster.nodes.join(', ')}`);
      console.log(`export KUBECONFIG=${cluster.kubeconfig}`);
      console.log(`alias kubectl=${cluster.tools.kubectl} helm=${cluster.tools.helm}`);
      return 0;
    }
    case 'down':
      await down(values.name);
      return 0;
    case 'status': {
      const found = await status(values.name);
      console.log(`${found.name}: ${found.state}`);
      if (found.nodes) console.log(found.nodes);
      if (found.state !== 'absent') console.log(`export KUBECONFIG=${found.kubeconfig}`);
      return found.state === 'healthy' ? 0 : 1;
    }
    default:
      console.error(usage);
      return 2;
  }
}

try {
  process.exitCode = await main();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}

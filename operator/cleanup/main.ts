import { parseArgs } from 'node:util';
import { systemClock } from '../../kube/base/clock.ts';
import { createLogger } from '../../kube/base/log.ts';
import { createTransport } from '../../kube/transport.ts';
import { waitForNodeCleanup } from './nodes.ts';
import { type Cleanup, deleteResources } from './resources.ts';

/**
 * `operator.mjs cleanup --stage=resources|nodes`: the steps of the chart's uninstall hook. The answer is the exit code.
 */
export async function runCleanup(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      stage: { type: 'string' },
      namespace: { type: 'string', default: 'heddle-system' },
      'deadline-seconds': { type: 'string', default: '60' },
      'log-level': { type: 'string', default: 'info' },
    },
  });
  const transport = createTransport({ userAgent: 'heddle-cleanup' });
  const cleanup: Cleanup = {
    transport,
    clock: systemClock,
    log: createLogger({ name: 'cleanup', level: values['log-level'] }),
    namespace: values.namespace,
    deadlineSeconds: Number(values['deadline-seconds']),
  };
  try {
    switch (values.stage) {
      case 'resources':
        await deleteResources(cleanup);
        return 0;
      case 'nodes':
        await waitForNodeCleanup(cleanup);
        return 0;
      default:
        cleanup.log.error(`--stage=${values.stage ?? ''}: must be "resources" or "nodes"`);
        return 2;
    }
  } finally {
    transport.close();
  }
}

// SPDX-License-Identifier: Apache-2.0
import { systemNamespace } from '../../api/names.ts';
import { systemClock } from '../../kube/base/clock.ts';
import { readChoice, readFlags, readNumber } from '../../kube/base/flags.ts';
import { createLogger, logLevels } from '../../kube/base/log.ts';
import { createTransport } from '../../kube/transport.ts';
import { waitForNodeCleanup } from './nodes.ts';
import { type Cleanup, deleteResources } from './resources.ts';

/**
 * Runs `operator.mjs cleanup --stage=resources|nodes`, the steps of the chart's uninstall hook. Returns the exit
 * code.
 * @throws UsageError
 */
export async function runCleanup(args: readonly string[]): Promise<number> {
  const { values } = readFlags(args, {
    stage: { type: 'string' },
    namespace: { type: 'string', default: systemNamespace },
    'deadline-seconds': { type: 'string', default: '60' },
    'log-level': { type: 'string', default: 'info' },
  });
  const deadline = { what: 'seconds', least: 0, most: 86_400 };
  const transport = createTransport({ userAgent: 'heddle-cleanup' });
  const cleanup: Cleanup = {
    transport,
    clock: systemClock,
    log: createLogger({ name: 'cleanup', level: readChoice('log-level', values['log-level'], logLevels) }),
    namespace: values.namespace,
    deadlineSeconds: readNumber('deadline-seconds', values['deadline-seconds'], deadline),
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

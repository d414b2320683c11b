// SPDX-License-Identifier: Apache-2.0
import { systemClock } from '../../../kube/base/clock.ts';
import { createLogger } from '../../../kube/base/log.ts';
import { LeaseElector } from '../../../kube/lease.ts';
import { createTransport } from '../../../kube/transport.ts';

/** A process that takes part in an election and reports often, in lines of JSON, whether it is the leader. */
const [namespace = '', name = '', identity = ''] = process.argv.slice(2);

function say(what: object): void {
  process.stdout.write(`${JSON.stringify({ identity, at: systemClock.sinceBoot(), ...what })}\n`);
}

const stop = new AbortController();
const elector = new LeaseElector({
  transport: createTransport(),
  namespace,
  name,
  identity,
  log: createLogger({ name: 'elector', level: 'silent' }),
  times: { leaseDurationMs: 6000, renewDeadlineMs: 4000, retryPeriodMs: 500 },
  onLeading: () => say({ event: 'leading' }),
  onLost: () => {
    say({ event: 'lost' });
    process.exit(3);
  },
});
setInterval(() => say({ leader: elector.isLeader() }), 20);
process.on('SIGTERM', () => stop.abort());
await elector.run(stop.signal);
say({ event: 'released' });
process.exit(0);

// SPDX-License-Identifier: Apache-2.0
import type { Verb } from '../verb.ts';
import { observeWorld } from './observe.ts';
import { formatStatus } from './print.ts';
import { summarize } from './summarize.ts';

export const status: Verb = {
  name: 'status',
  summary: 'is all well? else what is not, and what to do about it',
  help: `Usage: kubectl heddle status [flags]

Looks at Heddle itself (operator, agents, nodes) and at everything that it was told: networks, chains, functions, Ports,
and at packets that are being dropped now. Of all namespaces, unless -n names one.

Exit code: 0 all is well, 1 something is not, 2 the question could not be asked.
`,
  flags: {},
  run: async ({ cluster, common, clock, paint, write }) => {
    const { systemNamespace, namespace } = common;
    const summary = summarize(await observeWorld(cluster, { systemNamespace, namespace }, clock));
    write(common.output === 'json' ? `${JSON.stringify(summary, null, 2)}\n` : formatStatus(summary, paint));
    return summary.well ? 0 : 1;
  },
};

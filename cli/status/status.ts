// SPDX-License-Identifier: Apache-2.0
import type { Verb } from '../verb.ts';
import { observeWorld } from './observe.ts';
import { formatStatus } from './print.ts';
import { summarize } from './summarize.ts';

export const status: Verb = {
  name: 'status',
  summary: 'is all well? else what is not, and what to do about it',
  help: `Usage: kubectl heddle status [flags]

Checks Heddle itself (operator, agents, nodes), all of its objects (networks, chains, functions, Ports), and packets that
are being dropped now. It covers all namespaces, unless -n names one.

Exit code: 0 no problem, 1 there are problems, 2 the check was not possible.
`,
  flags: {},
  run: async ({ cluster, common, clock, paint, write }) => {
    const { systemNamespace, namespace } = common;
    const summary = summarize(await observeWorld(cluster, { systemNamespace, namespace }, clock));
    write(common.output === 'json' ? `${JSON.stringify(summary, null, 2)}\n` : formatStatus(summary, paint));
    return summary.well ? 0 : 1;
  },
};

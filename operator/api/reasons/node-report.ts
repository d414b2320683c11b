import type { Row } from './row.ts';

/** Sorted by place, status and reason. */
export const nodeReportReasons = [
  {
    kind: 'NodeReport',
    on: 'Ready',
    status: 'True',
    reason: 'AgentRunning',
    means: 'The agent keeps the data path of this node.',
    todo: '',
  },
] as const satisfies readonly Row[];

// SPDX-License-Identifier: Apache-2.0
import { REASONS, type ReasonRow } from '../../api/reasons.ts';

const INTRO = `# Reasons

Every condition and every Event of Heddle has a reason from this list; its message names the object, the field and what to do. The list is \`api/reasons/\`; this page is made from it (\`npx vitest run -u test/unit/operator/status/reasons-page.test.ts\`), and a unit test keeps the two equal.

The column "on" has the type of the condition, or Event. \`Accepted\`: the spec is valid and conflicts with no other object. \`ResolvedRefs\`: the objects that the spec names exist and may be used. \`Programmed\`: all concerned nodes have this generation in their kernels. \`Ready\`: the object works now.
`;

const HEAD = '| on | status | reason | what it means | what to do |\n|---|---|---|---|---|\n';

/** Renders docs/reasons.md from the registry of reasons. */
export function renderReasonsPage(): string {
  const kinds = [...new Set(REASONS.map(({ kind }) => kind))];
  return [INTRO, ...kinds.map(renderKind)].join('\n');
}

function renderKind(kind: string): string {
  const rows = REASONS.filter((row) => row.kind === kind);
  return `## ${kind}\n\n${HEAD}${rows.map(renderRow).join('')}`;
}

function renderRow({ on, status, reason, means, todo }: ReasonRow): string {
  return `| ${on} | ${status} | \`${reason}\` | ${means} | ${todo} |\n`;
}

// SPDX-License-Identifier: Apache-2.0
import type { Paint } from '../print/paint.ts';
import type { Summary } from './summarize.ts';
import type { Finding } from './world.ts';

/** Pure: formats the status for people. */
export function formatStatus(summary: Summary, paint: Paint): string {
  const lines = [summary.counts.join(', '), ''];
  for (const [object, findings] of byObject(summary.findings)) {
    const worst = findings.some(({ severity }) => severity === 'Problem') ? 'red' : 'yellow';
    lines.push(paint(worst, object));
    for (const { severity, message, todo } of findings) {
      lines.push(`  ${severity === 'Notice' ? 'notice: ' : ''}${message}`);
      if (todo !== '') lines.push(paint('faint', `  -> ${todo}`));
    }
    lines.push('');
  }
  for (const why of summary.unread) lines.push(paint('yellow', `not looked at: ${why}`));
  lines.push(verdict(summary, paint));
  return `${lines.join('\n')}\n`;
}

function verdict({ well, findings, unread }: Summary, paint: Paint): string {
  const problems = findings.filter(({ severity }) => severity === 'Problem').length;
  if (!well) return paint('red', problems === 1 ? '1 problem.' : `${problems} problems.`);
  return paint('green', unread.length === 0 ? 'All is well.' : 'All is well, as far as you may look.');
}

function byObject(findings: readonly Finding[]): ReadonlyMap<string, readonly Finding[]> {
  const groups = new Map<string, Finding[]>();
  for (const finding of findings) {
    const group = groups.get(finding.object);
    if (group) group.push(finding);
    else groups.set(finding.object, [finding]);
  }
  return groups;
}

// SPDX-License-Identifier: Apache-2.0
import { release } from '../../api/generated/version.ts';
import type { Paint } from '../print/paint.ts';
import { formatTable } from '../print/table.ts';
import type { Session, Verb } from '../verb.ts';
import { observePrograms } from './observe.ts';
import { findSkew, type Program, type SkewFinding } from './skew.ts';

export const version: Verb = {
  name: 'version',
  summary:
    'releases of this program, operator, agents and functions, and whether they are supported together',
  help: `Usage: kubectl heddle version [--client] [flags]

Asks operator, agents and functions for their releases. The exit code is 1 when some are not supported together.

  --client                  this program only; no cluster is asked
`,
  flags: { client: { type: 'boolean', default: false } },
  run: runVersion,
};

async function runVersion(session: Session): Promise<number> {
  const { common, flags, paint, write } = session;
  const programs: readonly Program[] =
    flags.client === true
      ? [{ component: 'client', name: '', version: release }]
      : await observePrograms(session.cluster, {
          systemNamespace: common.systemNamespace,
          namespace: common.namespace,
        });
  const skew = findSkew(programs);
  write(
    common.output === 'json'
      ? `${JSON.stringify({ programs, skew }, null, 2)}\n`
      : formatVersions(programs, skew, paint),
  );
  return skew.length === 0 ? 0 : 1;
}

/**
 * Pure: formats a table with a line for each program that differs, and the versions that are not supported together.
 */
export function formatVersions(
  programs: readonly Program[],
  skew: readonly SkewFinding[],
  paint: Paint,
): string {
  const rows = groupPrograms(programs).map(({ component, names, version: text, why }) => [
    component,
    text ?? `unknown (${why ?? 'it does not say'})`,
    names,
  ]);
  const table = formatTable(['COMPONENT', 'VERSION', 'WHERE'], rows);
  const problems = skew.map(({ message }) => `${paint('red', message)}\n`);
  return problems.length === 0 ? table : `${table}\n${problems.join('')}`;
}

interface Group {
  readonly component: string;
  readonly version: string | undefined;
  readonly why: string | undefined;
  readonly names: string;
}

const SHOWN = 3;

/** Groups programs: a hundred agents of one release are one line. */
function groupPrograms(programs: readonly Program[]): readonly Group[] {
  const groups = Map.groupBy(programs, ({ component, version: text, why }) =>
    JSON.stringify([component, text, why]),
  );
  return [...groups.values()].map((members) => {
    const [first] = members as [Program, ...Program[]];
    const names = members.map(({ name }) => name).filter((name) => name !== '');
    const more = names.length > SHOWN ? ` and ${names.length - SHOWN} more` : '';
    return {
      component: first.component,
      version: first.version,
      why: first.why,
      names: `${names.slice(0, SHOWN).join(', ')}${more}`,
    };
  });
}

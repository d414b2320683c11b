// SPDX-License-Identifier: Apache-2.0
import { readFile } from 'node:fs/promises';

const START = '<!-- Generated from values.yaml by `npm run generate`. -->';
const END = '<!-- End of what is generated. -->';

export interface ChartValue {
  /** `agent.probes.misses` */
  readonly path: string;
  readonly value: string;
  readonly comment: string;
}

/** The chart's README with a new table of values; all other text is kept. */
export async function renderChartReadme(readmeFile: string, valuesFile: string): Promise<string> {
  const readme = await readFile(readmeFile, 'utf8');
  const start = readme.indexOf(START);
  const end = readme.indexOf(END);
  if (start < 0 || end < start) throw new Error(`${readmeFile} has no place for the table of values`);
  const rows = parseValues(await readFile(valuesFile, 'utf8')).map(
    ({ path, value, comment }) => `| \`${path}\` | ${value === '' ? '' : `\`${value}\``} | ${comment} |`,
  );
  const table = ['| value | default | |', '|---|---|---|', ...rows].join('\n');
  return `${readme.slice(0, start)}${START}\n\n${table}\n\n${readme.slice(end)}`;
}

/** Pure: all values that have a comment or a default, in the order of the file, which has one key a line. */
export function parseValues(yaml: string): readonly ChartValue[] {
  const values: ChartValue[] = [];
  const path: { readonly indent: number; readonly key: string }[] = [];
  let comment: string[] = [];
  for (const line of yaml.split('\n').slice(1)) {
    const said = /^\s*# ?(.*)$/.exec(line);
    const key = /^(\s*)([A-Za-z][A-Za-z0-9]*):\s*(.*)$/.exec(line);
    if (said) comment.push(said[1]!);
    else if (!key) comment = [];
    else {
      const [, space = '', name = '', value = ''] = key;
      while (path.length > 0 && path.at(-1)!.indent >= space.length) path.pop();
      path.push({ indent: space.length, key: name });
      if (value !== '' || comment.length > 0) {
        const full = path.map((each) => each.key).join('.');
        values.push({ path: full, value, comment: comment.join(' ').replaceAll('|', '\\|') });
      }
      comment = [];
    }
  }
  return values;
}

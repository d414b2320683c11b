// SPDX-License-Identifier: Apache-2.0
/** Pure: rows under a head, as kubectl prints them: columns three spaces apart, nothing after the last one. */
export function formatTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [head, ...rows];
  const widths = head.map((_, column) => Math.max(...lines.map((line) => lengthOf(line[column] ?? ''))));
  return lines
    .map((line) =>
      line
        .map((cell, column) => (column === line.length - 1 ? cell : pad(cell, widths[column] ?? 0)))
        .join('   ')
        .trimEnd(),
    )
    .map((line) => `${line}\n`)
    .join('');
}

/** Colours take no room. */
function lengthOf(cell: string): number {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the escape is what is looked for
  return cell.replaceAll(/\u001b\[\d+m/g, '').length;
}

function pad(cell: string, width: number): string {
  return cell + ' '.repeat(Math.max(0, width - lengthOf(cell)));
}

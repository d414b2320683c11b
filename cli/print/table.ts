// SPDX-License-Identifier: Apache-2.0
/** Pure: formats a table as kubectl does: columns are three spaces apart, with no space at the end of a line. */
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

/** The length of a cell on a terminal, without the codes of colours. */
function lengthOf(cell: string): number {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the escape is what is looked for
  return cell.replaceAll(/\u001b\[\d+m/g, '').length;
}

function pad(cell: string, width: number): string {
  return cell + ' '.repeat(Math.max(0, width - lengthOf(cell)));
}

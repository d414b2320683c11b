// SPDX-License-Identifier: Apache-2.0
import { readFile } from 'node:fs/promises';
import { rooms } from '../check/rooms.ts';

const START = '<!-- Generated from tools/check/rooms.ts by `npm run generate`. -->';
const END = '<!-- End of what is generated. -->';

/** The page with a new table of rooms; all other text is kept. */
export async function renderRoomsPage(file: string): Promise<string> {
  const page = await readFile(file, 'utf8');
  const [before, rest] = split(page, START, file);
  const [, after] = split(rest, END, file);
  return `${before}${START}\n\n${table()}\n\n${END}${after}`;
}

function split(text: string, at: string, file: string): readonly [string, string] {
  const index = text.indexOf(at);
  if (index < 0) throw new Error(`${file} has no line ${at}`);
  return [text.slice(0, index), text.slice(index + at.length)];
}

function table(): string {
  const rows = rooms.map(({ folder, decides, imports, types, pure }) => {
    const others = imports.filter((name) => !folder.startsWith(`${name}/`) && name !== folder);
    const listed = [
      ...others.map((name) => `\`${name}\``),
      ...(types ?? []).map((name) => `types of \`${name}\``),
    ];
    const allowed = imports.includes(folder) ? ['all below it', ...listed] : listed;
    return `| \`${folder}/\` | ${pure ? '**pure**: ' : ''}${decides} | ${allowed.join(', ') || 'nothing of ours'} |`;
  });
  return ['| room | decides | may import |', '|---|---|---|', ...rows].join('\n');
}

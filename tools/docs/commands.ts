// SPDX-License-Identifier: Apache-2.0
/**
 * The commands on a page of documentation. The word behind `sh` says who runs a block:
 * `run`: test/cluster/docs runs it as it stands; `by=FILE`: that test runs what it shows;
 * `example`: nobody can, since it has words for the reader to replace or needs a machine of the reader's.
 */
export type Runner =
  | { readonly kind: 'run' }
  | { readonly kind: 'by'; readonly file: string }
  | { readonly kind: 'example' };

export interface Block {
  readonly page: string;
  /** Of the line that opens it, from 1. */
  readonly line: number;
  /** Undefined: the page does not say. */
  readonly runner: Runner | undefined;
  readonly text: string;
}

/** One command, and what the page's comment behind it promises. */
export interface Command {
  readonly text: string;
  /** The comment begins with `nothing`: the command must fail. */
  readonly fails: boolean;
  /** The comment ends with `...`: what comes before must be in the output. */
  readonly says: string | undefined;
}

/** Pure: the blocks of shell commands of a page, in order. */
export function parseBlocks(page: string, text: string): readonly Block[] {
  const lines = text.split('\n');
  const blocks: Block[] = [];
  for (let index = 0; index < lines.length; index++) {
    const opened = /^```(?:sh|bash)\b *(.*)$/.exec(lines[index]!);
    if (!opened) continue;
    const end = lines.indexOf('```', index + 1);
    if (end < 0) throw new Error(`${page}:${index + 1}: the block is not closed`);
    blocks.push({
      page,
      line: index + 1,
      runner: parseRunner(opened[1]!.trim()),
      text: lines.slice(index + 1, end).join('\n'),
    });
    index = end;
  }
  return blocks;
}

function parseRunner(word: string): Runner | undefined {
  if (word === 'run' || word === 'example') return { kind: word };
  const by = /^by=(\S+)$/.exec(word);
  return by ? { kind: 'by', file: by[1]! } : undefined;
}

/** Pure: the commands of a block; a line that ends in a backslash goes on in the next. */
export function parseCommands(text: string): readonly Command[] {
  return text
    .replaceAll(/\\\n/g, ' ')
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => {
      const [, command = line, comment = ''] = /^(.*?)\s{2,}#\s*(.*)$/.exec(line) ?? [];
      const says = /^(.*)\.\.\.$/.exec(comment)?.[1];
      return { text: command.trim(), fails: comment.startsWith('nothing'), says };
    });
}

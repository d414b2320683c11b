// SPDX-License-Identifier: Apache-2.0
/**
 * Who runs a block of commands on a page of the documentation. The word after `sh` says it: `run`: test/cluster/docs
 * runs it unchanged; `by=FILE`: that test runs what the block shows; `example`: no test can run it, since it has words
 * for the reader to replace or needs a machine of the reader's.
 */
export type Runner =
  | { readonly kind: 'run' }
  | { readonly kind: 'by'; readonly file: string }
  | { readonly kind: 'example' };

export interface Block {
  readonly page: string;
  /** The number of the line that opens the block, from 1. */
  readonly line: number;
  /** Undefined: the page does not say it. */
  readonly runner: Runner | undefined;
  readonly text: string;
}

/** One command, and the result that the comment after it promises. */
export interface Command {
  readonly text: string;
  /** True when the comment begins with `nothing` or `exit 1`: the command must fail. */
  readonly fails: boolean;
  /** The text before the `...` at the end of the comment, which the output must contain. */
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

/** Pure: the commands of a block; a line that ends in a backslash continues in the next line. */
export function parseCommands(text: string): readonly Command[] {
  return text
    .replaceAll(/\\\n/g, ' ')
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => {
      const [, command = line, comment = ''] = /^(.*?)\s{2,}#\s*(.*)$/.exec(line) ?? [];
      const says = /^(.*)\.\.\.$/.exec(comment)?.[1];
      return { text: command.trim(), fails: /^(nothing|exit 1)\b/.test(comment), says };
    });
}

// SPDX-License-Identifier: Apache-2.0
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { compileBpf } from '../build/bpf.ts';
import { listFiles } from '../build/files.ts';
import { repository } from '../kind/paths.ts';
import { type Change, listChanges, spread, withChange } from './bpf-changes.ts';

const SOURCES = 'agent/bpf';
/** The parts of the repository that the packet tests need. */
const PARTS = [
  'package.json',
  'tsconfig.json',
  'vitest.config.ts',
  'api',
  'kube',
  'agent',
  'functions',
  'tools',
  'test',
];

type Fate = 'noticed' | 'refused' | 'survived';

/** Tests changes of the data path, one at a time, in a copy of the tree. Returns the exit code. */
export async function runBpfMutants(count: number): Promise<number> {
  if (!(count >= 1)) throw new Error('--bpf: say how many changes, at least 1');
  const all = listFiles(join(repository, SOURCES))
    .filter((file) => /\.(c|h)$/.test(file) && file !== 'maps.h')
    .flatMap((file) => listChanges(file, readFileSync(join(repository, SOURCES, file), 'utf8')));
  const chosen = spread(all, count);
  const tree = mkdtempSync(join(tmpdir(), 'heddle-mutants-'));
  const fates: Record<Fate, number> = { noticed: 0, refused: 0, survived: 0 };
  try {
    for (const part of PARTS) cpSync(join(repository, part), join(tree, part), { recursive: true });
    symlinkSync(join(repository, 'node_modules'), join(tree, 'node_modules'));
    for (const change of chosen) {
      const fate = await tryChange(tree, change);
      fates[fate] += 1;
      console.log(`${fate.padEnd(9)} ${SOURCES}/${change.file}:${change.line}  ${change.after.trim()}`);
    }
  } finally {
    rmSync(tree, { recursive: true, force: true });
  }
  console.log(
    `\n${chosen.length} of ${all.length} changes: ${fates.noticed} noticed, ${fates.refused} refused by compiler or verifier, ${fates.survived} survived`,
  );
  return 0;
}

async function tryChange(tree: string, change: Change): Promise<Fate> {
  const file = join(tree, SOURCES, change.file);
  const source = readFileSync(file, 'utf8');
  writeFileSync(file, withChange(source, change));
  try {
    await compileBpf(tree, join(tree, 'dist'));
  } catch {
    return 'refused';
  } finally {
    writeFileSync(file, source);
  }
  const result = await execa(
    process.execPath,
    [
      'node_modules/vitest/vitest.mjs',
      'run',
      '--project',
      'kernel',
      '--bail',
      '1',
      '--reporter',
      'dot',
      'test/packets',
    ],
    { cwd: tree, reject: false, all: true, timeout: 600_000 },
  );
  if (result.exitCode === 0) return 'survived';
  return /verifier|Permission denied|BPF program load failed/i.test(result.all ?? '') ? 'refused' : 'noticed';
}

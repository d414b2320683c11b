// SPDX-License-Identifier: Apache-2.0
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Runs once for all kernel tests of a run: it mounts the BPF file system that they share. */
export default function setup(): (() => void) | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const path = mkdtempSync(join(tmpdir(), 'heddle-bpf-'));
  execFileSync('mount', ['-t', 'bpf', 'bpf', path]);
  process.env.HEDDLE_TEST_BPFFS = path;
  return () => {
    execFileSync('umount', [path]);
    rmSync(path, { recursive: true });
  };
}

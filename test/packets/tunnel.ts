// SPDX-License-Identifier: Apache-2.0
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { triplet } from '../../tools/build/setup.ts';

const source = join(import.meta.dirname, 'tunnel.bpf.c');
/** Debian keeps `asm/types.h` in a folder that clang only searches for the machine's own target. */
const include = `/usr/include/${triplet}`;
/** What the program returns when it could not give the packet on. */
export const NOT_REACHED = 99;

/** Loads `tunnel.bpf.c` into a new folder of a BPF file system, in front of a program; returns its path. */
export async function loadTunnel(folder: string, target: string): Promise<string> {
  const built = await mkdtemp(join(tmpdir(), 'heddle-tunnel-'));
  try {
    const object = join(built, 'tunnel.bpf.o');
    await execa('clang', ['-O2', '-g', '-target', 'bpf', `-I${include}`, '-c', source, '-o', object]);
    await mkdir(folder);
    const program = join(folder, 'tunnel');
    const pins = ['type', 'classifier', 'pinmaps', folder];
    await execa('bpftool', ['prog', 'load', object, program, ...pins]);
    const entry = ['pinned', join(folder, 'target'), 'key', '0', '0', '0', '0', 'value', 'pinned', target];
    await execa('bpftool', ['map', 'update', ...entry]);
    return program;
  } finally {
    await rm(built, { recursive: true });
  }
}

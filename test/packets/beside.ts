// SPDX-License-Identifier: Apache-2.0
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { type Kernel, startKernel } from '../../agent/kernel/kernel.ts';
import { triplet } from '../../tools/build/setup.ts';
import { encodeContext } from './test-run.ts';

/** Debian keeps `asm/types.h` in a folder that clang only searches for the machine's own target. */
const include = `/usr/include/${triplet}`;
const childPath = join(import.meta.dirname, '../../agent/kernel/child.ts');
const GO_ON = 0;

/** A program that disturbs the data path, and what it works on. */
export interface Disturber {
  /** A folder on a BPF file system, with the data path's maps in `maps`. */
  readonly folder: string;
  /** The source, without `.bpf.c`; the program has the same name. */
  readonly name: string;
  /** The map of the data path that it changes. */
  readonly map: string;
  readonly mark?: number;
  readonly defines?: Readonly<Record<string, number>>;
  /** Fills the program's own maps, which are in this folder. */
  readonly fill?: (kernel: Kernel, maps: string) => Promise<unknown>;
}

/** Runs `work` while another CPU runs a program of this folder again and again. */
export async function beside<T>(disturber: Disturber, work: () => Promise<T>): Promise<T> {
  const { folder, name, mark = 0 } = disturber;
  const built = await mkdtemp(join(tmpdir(), `heddle-${name}-`));
  const program = join(folder, name);
  const maps = join(folder, `${name}-maps`);
  const kernel = startKernel({ childPath });
  const frame = Buffer.alloc(64);
  let isOver = false;
  const runs = async (): Promise<void> => {
    while (!isOver) {
      const ctxIn = encodeContext({ frame, mark }, 1);
      const { retval } = await kernel.progTestRun({ progPath: program, dataIn: frame, ctxIn });
      if (retval !== GO_ON) throw new Error(`${name} has nothing to work on`);
    }
  };
  try {
    await load(disturber, { object: join(built, `${name}.bpf.o`), program, maps });
    await disturber.fill?.(kernel, maps);
    const running = runs();
    running.catch(() => undefined); // Awaited below.
    try {
      return await work();
    } finally {
      isOver = true;
      await running;
    }
  } finally {
    await kernel.close();
    await rm(program, { force: true });
    await rm(maps, { recursive: true, force: true });
    await rm(built, { recursive: true });
  }
}

async function load(
  { folder, name, map, defines = {} }: Disturber,
  to: { readonly object: string; readonly program: string; readonly maps: string },
): Promise<void> {
  const source = join(import.meta.dirname, `${name}.bpf.c`);
  const flags = Object.entries(defines).map(([define, value]) => `-D${define}=${value}`);
  const target = ['-O2', '-g', '-target', 'bpf', `-I${include}`];
  await execa('clang', [...target, ...flags, '-c', source, '-o', to.object]);
  const reused = ['map', 'name', map, 'pinned', join(folder, 'maps', map)];
  const pins = ['pinmaps', to.maps];
  await execa('bpftool', ['prog', 'load', to.object, to.program, 'type', 'classifier', ...reused, ...pins]);
}

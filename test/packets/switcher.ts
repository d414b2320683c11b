// SPDX-License-Identifier: Apache-2.0
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { startKernel } from '../../agent/kernel/kernel.ts';
import { triplet } from '../../tools/build/setup.ts';
import { encodeContext } from './test-run.ts';

const source = join(import.meta.dirname, 'switcher.bpf.c');
/** Debian keeps `asm/types.h` in a folder that clang only searches for the machine's own target. */
const include = `/usr/include/${triplet}`;
const childPath = join(import.meta.dirname, '../../agent/kernel/child.ts');
const GO_ON = 0;

/**
 * Runs `work` while another CPU switches the policy of a network all the time (`switcher.bpf.c`). `folder` is on a BPF
 * file system, with the data path's maps in `folder/maps`.
 */
export async function besideSwitches<T>(
  { folder, vni }: { readonly folder: string; readonly vni: number },
  work: () => Promise<T>,
): Promise<T> {
  const built = await mkdtemp(join(tmpdir(), 'heddle-switcher-'));
  const program = join(folder, 'switcher');
  const kernel = startKernel({ childPath });
  const frame = Buffer.alloc(64);
  let isOver = false;
  const runs = async (): Promise<void> => {
    while (!isOver) {
      const ctxIn = encodeContext({ frame, mark: vni }, 1);
      const { retval } = await kernel.progTestRun({ progPath: program, dataIn: frame, ctxIn });
      if (retval !== GO_ON) throw new Error(`no network ${vni} to switch`);
    }
  };
  try {
    const object = join(built, 'switcher.bpf.o');
    await execa('clang', ['-O2', '-g', '-target', 'bpf', `-I${include}`, '-c', source, '-o', object]);
    const networks = ['map', 'name', 'networks', 'pinned', join(folder, 'maps/networks')];
    await execa('bpftool', ['prog', 'load', object, program, 'type', 'classifier', ...networks]);
    const switching = runs();
    switching.catch(() => undefined); // Awaited below.
    try {
      return await work();
    } finally {
      isOver = true;
      await switching;
    }
  } finally {
    await kernel.close();
    await rm(program, { force: true });
    await rm(built, { recursive: true });
  }
}

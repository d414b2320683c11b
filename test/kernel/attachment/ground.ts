// SPDX-License-Identifier: Apache-2.0
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Kernel, startKernel } from '../../../agent/kernel/kernel.ts';
import { findMissing } from '../../support/needs.ts';

/**
 * The environment of attachment tests: its own BPF file system with programs in it, and network namespaces that stand
 * for the node and its pods. `close` removes all of it.
 */
export interface Ground {
  readonly kernel: Kernel;
  /** The namespace of the host sides. */
  readonly nodeNetns: string;
  /** Starts another kernel process on the same node, as a new agent does. */
  startKernel(): Kernel;
  readonly progsDir: string;
  readonly linksDir: string;
  readonly mapsDir: string;
  /** Makes a network namespace and returns its path. */
  addNetns(name: string): string;
  deleteNetns(name: string): void;
  /** Pins a second copy of the programs over the same maps, as an upgrade does. */
  loadAgain(directory: string): string;
  close(): Promise<void>;
}

const childPath = join(import.meta.dirname, 'node-child.ts');
const source = join(import.meta.dirname, 'wire.bpf.c');

/** Why kernel tests cannot run here; undefined when they can. */
export function missingForGround(): string | undefined {
  return (
    findMissing(['clang', 'bpftool', 'ip']) ??
    (existsSync('/sys/kernel/btf/vmlinux') ? undefined : 'the kernel has no BTF')
  );
}

/** `nodeNetns` is the namespace of an existing node, which is used instead of a new one. */
export function openGround(options: { readonly nodeNetns?: string } = {}): Ground {
  const root = mkdtempSync(join(tmpdir(), 'heddle-ground-'));
  const bpffs = join(root, 'bpf');
  mkdirSync(bpffs);
  run('mount', ['-t', 'bpf', 'bpf', bpffs]);
  const object = join(root, 'wire.bpf.o');
  const include = `/usr/include/${run('uname', ['-m']).trim()}-linux-gnu`;
  run('clang', ['-O2', '-g', '-target', 'bpf', `-I${include}`, '-c', source, '-o', object]);
  const directories = {
    progsDir: join(bpffs, 'progs-1'),
    mapsDir: join(bpffs, 'maps'),
    linksDir: join(bpffs, 'links'),
  };
  run('bpftool', ['prog', 'loadall', object, directories.progsDir, 'pinmaps', directories.mapsDir]);
  const tag = `hd${root.slice(-6)}`;
  const namespaces = new Set<string>();
  const addNetns = (name: string) => {
    run('ip', ['netns', 'add', `${tag}-${name}`]);
    namespaces.add(name);
    return `/run/netns/${tag}-${name}`;
  };
  const deleteNetns = (name: string) => {
    run('ip', ['netns', 'del', `${tag}-${name}`]);
    namespaces.delete(name);
  };
  const nodeNetns = options.nodeNetns ?? addNetns('node');
  process.env.HEDDLE_TEST_NODE_NETNS = nodeNetns;
  const kernels: Kernel[] = [];
  const start = () => {
    const kernel = startKernel({ childPath });
    kernels.push(kernel);
    return kernel;
  };
  return {
    kernel: start(),
    startKernel: start,
    nodeNetns,
    ...directories,
    addNetns,
    deleteNetns,
    loadAgain(directory) {
      const path = join(bpffs, directory);
      const maps = readdirSync(directories.mapsDir);
      const reuse = maps.flatMap((map) => ['map', 'name', map, 'pinned', join(directories.mapsDir, map)]);
      run('bpftool', ['prog', 'loadall', object, path, ...reuse]);
      return path;
    },
    async close() {
      for (const kernel of kernels) await kernel.close();
      for (const name of [...namespaces]) deleteNetns(name);
      run('umount', [bpffs]);
      rmSync(root, { recursive: true });
    },
  };
}

/** Runs a tool to its end and returns its output; throws an error with the tool's own message when it fails. */
export function run(command: string, args: readonly string[]): string {
  return execFileSync(command, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}

export function runIn(netns: string, command: readonly string[]): string {
  return run('nsenter', [`--net=${netns}`, ...command]);
}

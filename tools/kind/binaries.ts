// SPDX-License-Identifier: Apache-2.0
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { installPackages, mayInstallPackages } from './engine/install.ts';
import { hasCommand } from './find.ts';
import { ensureGo, type Go } from './go.ts';
import { cacheDirectory, toolsModule } from './paths.ts';
import type { Progress } from './progress.ts';
import { createShell, type Shell } from './shell.ts';
import { cacheKey, readToolModule, type ToolModule, versionOf } from './versions.ts';

/** Programs that are built for the user, not for a node. */
export const clients = ['kind', 'kubectl', 'helm'] as const;
export type Client = (typeof clients)[number];

/** The programs that a Go module of ours builds, in a folder of the cache that is named by all their versions. */
export interface Binaries {
  readonly key: string;
  readonly directory: string;
  has(names: readonly string[]): boolean;
  /** Builds the missing programs in one run of Go. */
  ensure(progress: Progress, names: readonly string[]): Promise<void>;
  ensureNode(progress: Progress): Promise<void>;
  /** The source of a module, in Go's module cache. */
  moduleDirectory(progress: Progress, module: string): Promise<string>;
}

/** Programs of a folder with a go.mod that has `tool` lines; by default those of a cluster. */
export function binaries(source = toolsModule): Binaries {
  const module = readToolModule(source);
  const texts = ['go.mod', 'go.sum'].map((file) => readFileSync(join(source, file)));
  const key = cacheKey(process.arch, ...linkerFlags(module), ...texts);
  const directory = join(cacheDirectory(), 'tools', key);
  const missing = (names: readonly string[]): string[] =>
    names.filter((name) => !existsSync(join(directory, name)));
  let go: Go | undefined;

  async function ensure(progress: Progress, names: readonly string[]): Promise<void> {
    const wanted = missing(names);
    if (wanted.length === 0) return;
    go ??= await ensureGo(progress, module.go);
    if (wanted.includes('runc')) await ensureCompiler(progress);
    const build = { go, source, module, directory };
    const plain = wanted.filter((name) => name !== 'runc');
    if (plain.length > 0) await progress.step(buildTitle(plain), (shell) => buildPlain(shell, build, plain));
    if (wanted.includes('runc')) await progress.step('Build runc', (shell) => buildRunc(shell, build));
  }

  return {
    key,
    directory,
    has: (names) => missing(names).length === 0,
    ensure,
    ensureNode: (progress) => ensure(progress, module.tools.map(programName)),
    async moduleDirectory(progress, path) {
      go ??= await ensureGo(progress, module.go);
      const wanted = `${path}@${versionOf(module, path)}`;
      const where = { cwd: source, env: go.env };
      const reply = await createShell().run(go.command, ['mod', 'download', '-json', wanted], where);
      return (JSON.parse(reply) as { Dir: string }).Dir;
    },
  };
}

function buildTitle(names: readonly string[]): string {
  return names.length <= 3 ? `Build ${names.join(', ')}` : `Build Kubernetes (${names.length} programs)`;
}

/** The name of a program: the last part of its package path that is not a major version. */
export function programName(packagePath: string): string {
  if (packagePath.startsWith('go.etcd.io/etcd/server/')) return 'etcd';
  return basename(packagePath.replace(/\/v\d+$/, ''));
}

/** Linker flags with the versions that programs report: kubeadm and kubelet compare them, so they must be right. */
export function linkerFlags(module: ToolModule): string[] {
  const flags = ['-s', '-w'];
  const set = (name: string, value = ''): number => flags.push(`-X ${name}=${value}`);
  const kubernetes = module.requires.get('k8s.io/kubernetes');
  if (kubernetes) {
    const [major, minor] = kubernetes.replace(/^v/, '').split('.');
    const base = 'k8s.io/component-base/version';
    set(`${base}.gitVersion`, kubernetes);
    set(`${base}.gitMajor`, major);
    set(`${base}.gitMinor`, minor);
    set(`${base}.gitTreeState`, 'clean');
  }
  const helm = module.requires.get('helm.sh/helm/v4');
  if (helm) set('helm.sh/helm/v4/internal/version.version', helm);
  const containerd = module.requires.get('github.com/containerd/containerd/v2');
  if (containerd) set('github.com/containerd/containerd/v2/version.Version', containerd);
  return flags;
}

interface Build {
  readonly go: Go;
  /** The folder of the go.mod. */
  readonly source: string;
  readonly module: ToolModule;
  readonly directory: string;
}

/**
 * Builds programs. An interrupted build continues where it was: Go caches each package, and a finished program is moved
 * at once.
 */
async function buildPlain(shell: Shell, build: Build, names: readonly string[]): Promise<void> {
  const packages = build.module.tools.filter((path) => names.includes(programName(path)));
  const partial = join(build.directory, '.partial');
  rmSync(partial, { recursive: true, force: true });
  mkdirSync(partial, { recursive: true });
  const flags = ['-trimpath', '-ldflags', linkerFlags(build.module).join(' ')];
  // The build takes all cores for minutes, while tests run: they get a higher priority.
  const command = ['-n', '10', build.go.command, 'build', ...flags, '-o', `${partial}/`, ...packages];
  await shell.run('nice', command, {
    cwd: build.source,
    env: { ...build.go.env, CGO_ENABLED: '0' },
  });
  for (const path of packages) {
    const built = basename(path.replace(/\/v\d+$/, ''));
    renameSync(join(partial, built), join(build.directory, programName(path)));
  }
  rmSync(partial, { recursive: true, force: true });
}

/** Builds runc, which enters namespaces in C code before Go starts; it is the only program that needs a C compiler. */
async function buildRunc(shell: Shell, build: Build): Promise<void> {
  const version = versionOf(build.module, 'github.com/opencontainers/runc').replace(/^v/, '');
  const partial = join(build.directory, '.runc');
  mkdirSync(build.directory, { recursive: true });
  const flags = ['-trimpath', '-tags', 'seccomp', '-ldflags', `-s -w -X main.version=${version}`];
  await shell.run(build.go.command, ['build', ...flags, '-o', partial, 'github.com/opencontainers/runc'], {
    cwd: build.source,
    env: { ...build.go.env, CGO_ENABLED: '1' },
  });
  renameSync(partial, join(build.directory, 'runc'));
}

async function ensureCompiler(progress: Progress): Promise<void> {
  const needed = ['gcc', 'pkg-config'].filter((name) => !hasCommand(name));
  const headers = existsSync('/usr/include/seccomp.h') ? [] : ['libseccomp-dev'];
  if (needed.length + headers.length === 0) return;
  const packages = ['gcc', 'libc6-dev', 'pkg-config', 'libseccomp-dev'];
  if (!mayInstallPackages()) throw new Error(`Building runc needs ${packages.join(', ')}: install them.`);
  await installPackages(progress, 'to build runc from source', packages);
}

// SPDX-License-Identifier: Apache-2.0
import { join } from 'node:path';
import { repository } from '../kind/paths.ts';
import { compileBpf } from './bpf.ts';
import { bundlePrograms, copyExternalPackages, copyLegalFiles } from './bundle.ts';

export const dist = join(repository, 'dist');

/** Brings `dist/` up to date with the sources; returns the files that changed. */
export async function buildAll(): Promise<readonly string[]> {
  const [bpf, programs] = await Promise.all([compileBpf(repository, dist), bundlePrograms(repository, dist)]);
  const external = copyExternalPackages(repository, dist, process.arch);
  return [...bpf, ...programs, ...external, ...copyLegalFiles(repository, dist)];
}

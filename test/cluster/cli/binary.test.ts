// SPDX-License-Identifier: Apache-2.0
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { release } from '../../../api/generated/version.ts';
import type { Program } from '../../../cli/version/skew.ts';
import { readTarget } from '../../../tools/cluster/kubectl.ts';
import { eventually } from '../../../tools/cluster/wait.ts';
import { createShell } from '../../../tools/kind/shell.ts';
import { buildBinary } from '../../../tools/release/binary.ts';

describe('the single file of a release', () => {
  let folder: string;
  let binary: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'heddle-binary-'));
    binary = await buildBinary(createShell(), folder, process.arch === 'arm64' ? 'arm64' : 'amd64');
  }, 240_000);
  afterAll(() => rm(folder, { recursive: true, force: true }));

  /** Without any environment but the kubeconfig: no Node, no packages. */
  const run = (args: readonly string[]) =>
    execa(binary, args, {
      reject: false,
      extendEnv: false,
      timeout: 60_000,
      stdin: 'ignore',
      env: { KUBECONFIG: readTarget().kubeconfig, HOME: folder, PATH: folder },
    });

  test('tells the releases of operator, agents and functions, which go together', {
    timeout: 150_000,
  }, async () => {
    const ask = async () => {
      const { stdout, stderr, exitCode } = await run(['-o', 'json', 'version']);
      if (stdout === '') throw new Error(`exit ${exitCode}: ${stderr}`);
      const { programs, skew } = JSON.parse(stdout) as {
        readonly programs: readonly Program[];
        readonly skew: readonly unknown[];
      };
      const releasesOf = (component: string) => [
        ...new Set(
          programs.filter((program) => program.component === component).map(({ version }) => version),
        ),
      ];
      return {
        exitCode,
        skew,
        client: releasesOf('client'),
        operator: releasesOf('operator'),
        agent: releasesOf('agent'),
      };
    };
    const wanted = { exitCode: 0, skew: [], client: [release], operator: [release], agent: [release] };
    // Tests before this one end API servers and operators: one that comes again does not answer at once.
    let answer: unknown;
    await eventually(
      'all say their release',
      async () => {
        answer = await ask();
        return isDeepStrictEqual(answer, wanted);
      },
      { timeoutMs: 120_000 },
    ).catch((error: unknown) => {
      answer ??= error;
    });
    expect(answer).toEqual(wanted);
  });

  test('does what the script does, and refuses in the same words', async () => {
    const refused = await run(['-n', 'default', 'nothing']);
    expect(refused.exitCode).toBe(2);
    expect(refused.stderr).toContain('"nothing" is not a verb');
  });
});

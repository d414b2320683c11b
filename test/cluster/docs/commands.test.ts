// SPDX-License-Identifier: Apache-2.0
import { mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { copyFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { kubectl, readTarget } from '../../../tools/cluster/kubectl.ts';
import { useNamespace } from '../../../tools/cluster/namespace.ts';
import { eventually } from '../../../tools/cluster/wait.ts';
import { type Block, type Command, parseBlocks, parseCommands } from '../../../tools/docs/commands.ts';
import { repository } from '../../../tools/kind/paths.ts';

/** Pages whose commands are for the objects of examples/storefront. */
const PAGES = ['tutorial.md', 'troubleshooting.md', 'firewall.md', 'api.md'];
const COMMAND_TIMEOUT_MS = 90_000;

/** What a person has who reads the pages: a folder, kubectl with our plugin, and the example in their namespace. */
class Reader {
  readonly #folder = mkdtempSync(join(tmpdir(), 'heddle-docs-'));
  readonly #kubeconfig = join(this.#folder, 'kubeconfig');

  async enter(namespace: string): Promise<void> {
    const target = readTarget();
    await copyFile(target.kubeconfig, this.#kubeconfig);
    const program = join(repository, 'dist/kubectl-heddle.mjs');
    for (const name of ['kubectl-heddle', 'heddle']) symlinkSync(program, join(this.#folder, name));
    await kubectl([
      '--kubeconfig',
      this.#kubeconfig,
      'config',
      'set-context',
      '--current',
      '--namespace',
      namespace,
    ]);
  }

  /** Runs commands in one shell, so that a variable of one is there for the next; the output of each apart. */
  async type(
    commands: readonly Command[],
  ): Promise<readonly { readonly code: number; readonly output: string }[]> {
    const mark = `end-of-command-${process.pid}`;
    const script = commands.map(({ text }) => `${text}\necho "${mark} $?"`).join('\n');
    const { all } = await execa('bash', ['-c', script], {
      cwd: this.#folder,
      all: true,
      reject: false,
      stdin: 'ignore',
      timeout: COMMAND_TIMEOUT_MS * commands.length,
      env: {
        KUBECONFIG: this.#kubeconfig,
        PATH: [this.#folder, dirname(readTarget().kubectl), process.env.PATH].join(delimiter),
      },
    });
    const parts = (all ?? '').split(new RegExp(`${mark} (\\d+)\\n?`));
    return commands.map((_, index) => ({
      output: parts[index * 2] ?? '',
      code: Number(parts[index * 2 + 1] ?? Number.NaN),
    }));
  }

  async seeAllWell(namespace: string): Promise<void> {
    const text = `kubectl heddle status -n ${namespace}`;
    await eventually(text, async () => {
      const [status] = await this.type([{ text, fails: false, says: undefined }]);
      if (status?.code === 0) return true;
      throw new Error(status?.output);
    });
  }

  leave(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

const blocksOf = (page: string): readonly Block[] =>
  parseBlocks(page, readFileSync(join(repository, 'docs', page), 'utf8')).filter(
    ({ runner }) => runner?.kind === 'run',
  );

describe('the commands of the documentation, typed as they stand', () => {
  const namespace = useNamespace('docs');
  const reader = new Reader();

  beforeAll(async () => {
    await reader.enter(namespace);
    await kubectl(['apply', '-f', join(repository, 'examples/storefront/storefront.yaml')], { namespace });
    for (const name of ['web', 'client']) {
      await kubectl(['rollout', 'status', `deployment/${name}`, '--timeout=150s'], {
        namespace,
        timeoutMs: 160_000,
      });
    }
    await kubectl(['wait', '--for=condition=Ready', 'chain/storefront', '--timeout=120s'], {
      namespace,
      timeoutMs: 130_000,
    });
  }, 300_000);
  afterAll(() => reader.leave());

  test.each(PAGES)('docs/%s: each does what the page says', { timeout: 400_000 }, async (page) => {
    // Variables that one block sets are used by the next: one shell for the page.
    const commands = blocksOf(page)
      .flatMap(({ text }) => parseCommands(text))
      .map((command) => ({ ...command, text: command.text.replaceAll('-n storefront', `-n ${namespace}`) }));
    expect(commands.length).toBeGreaterThan(0);
    // Each page begins with the whole example, whatever the page before did: Ready is True with one instance of two.
    await reader.seeAllWell(namespace);
    const answers = await reader.type(commands);
    for (const [index, { text, fails, says }] of commands.entries()) {
      const { code, output } = answers[index]!;
      const told = `${text}\nexit ${code}\n${output}`;
      expect(fails ? code !== 0 : code === 0, told).toBe(true);
      if (says !== undefined) expect(output, told).toContain(says);
    }
  });
});

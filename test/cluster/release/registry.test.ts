// SPDX-License-Identifier: Apache-2.0
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { execa } from 'execa';
import { load } from 'js-yaml';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readTarget } from '../../../tools/cluster/kubectl.ts';
import { parseBlocks, parseCommands } from '../../../tools/docs/commands.ts';
import { cacheDirectory, repository } from '../../../tools/kind/paths.ts';
import { skipWhere } from '../../support/needs.ts';
import { isOurs } from '../resilience/nodes.ts';

const minutes = 60_000;
const file = 'test/cluster/release/registry.test.ts';

/** The three commands of docs/install.md, as they stand there. */
function commandsOfPage(): readonly string[] {
  const page = join(repository, 'docs/install.md');
  const block = parseBlocks(page, readFileSync(page, 'utf8')).find(
    ({ runner }) => runner?.kind === 'by' && runner.file === file,
  );
  if (!block) throw new Error(`${page} has no block of commands for ${file}`);
  return parseCommands(block.text).map(({ text }) => text);
}

const commands = commandsOfPage();
const cluster = /--name (\S+)/.exec(commands[0] ?? '')?.[1] ?? '';

/** A fresh clone, with what is not committed yet: nothing is built in it, and its packages are those of here. */
class Clone {
  readonly folder: string;
  #kubeconfig = '';

  constructor() {
    mkdirSync(cacheDirectory(), { recursive: true });
    this.folder = join(mkdtempSync(join(cacheDirectory(), 'clone-')), 'heddle');
  }

  async make(): Promise<void> {
    await execa('git', ['clone', '--quiet', repository, this.folder]);
    const list = 'git ls-files -z --cached --modified --others --exclude-standard | sort -zu';
    const copy = `${list} | tar --null --ignore-failed-read -T - -cf - | tar -C "$1" -xf -`;
    await execa('bash', ['-c', copy, 'bash', this.folder], { cwd: repository });
    await execa('cp', ['-al', join(repository, 'node_modules'), this.folder]);
  }

  /** Runs a command as a person would who has helm and kubectl, and the kubeconfig that the first command names. */
  async type(command: string): Promise<string> {
    const { helm, kubectl } = readTarget();
    const path = [...new Set([dirname(helm), dirname(kubectl)])].filter((folder) => folder !== '.');
    const result = await execa('bash', ['-c', command], {
      cwd: this.folder,
      all: true,
      reject: false,
      stdin: 'ignore',
      env: { KUBECONFIG: this.#kubeconfig, PATH: [...path, process.env.PATH].join(delimiter) },
    });
    if (result.exitCode !== 0) throw new Error(`${command}: exit ${result.exitCode}\n${result.all}`);
    this.#kubeconfig = /^export KUBECONFIG=(.*)$/m.exec(result.all)?.[1] ?? this.#kubeconfig;
    return result.stdout;
  }

  remove(): void {
    rmSync(dirname(this.folder), { recursive: true, force: true });
  }
}

interface Pods {
  readonly items: readonly {
    readonly spec: { readonly containers: readonly { readonly image: string }[] };
    readonly status: { readonly containerStatuses?: readonly { readonly imageID: string }[] };
  }[];
}

interface Values {
  readonly image: { readonly registry: string };
  readonly operator: { readonly image: { readonly digest: string } };
  readonly agent: { readonly image: { readonly digest: string } };
  readonly functions: Readonly<Record<string, { readonly image: { readonly digest: string } }>>;
}

describe(
  'from a fresh clone to a registry and a cluster',
  skipWhere(isOurs ? undefined : 'makes a cluster of its own, which is only done where ours is made too'),
  () => {
    const clone = new Clone();
    let values: Values;

    beforeAll(() => clone.make(), 5 * minutes);

    afterAll(async () => {
      await clone.type(`npm run cluster:down -- --name ${cluster}`);
      clone.remove();
    }, 2 * minutes);

    it(
      'the three commands of docs/install.md install Heddle from images of a registry',
      async () => {
        expect(commands).toHaveLength(3);
        for (const command of commands) {
          const started = performance.now();
          await clone.type(command);
          console.log(`${Math.round((performance.now() - started) / 1000)} s: ${command}`);
        }
        values = load(readFileSync(join(clone.folder, 'values-images.yaml'), 'utf8')) as Values;
      },
      15 * minutes,
    );

    it('operator and agent run the images whose digests were written', async () => {
      for (const component of ['operator', 'agent'] as const) {
        const selector = `app.kubernetes.io/component=${component}`;
        const pods = JSON.parse(
          await clone.type(`kubectl -n heddle-system get pods -l ${selector} -o json`),
        ) as Pods;
        expect(pods.items.length).toBeGreaterThan(0);
        const image = `${values.image.registry}/${component}@${values[component].image.digest}`;
        for (const { spec, status } of pods.items) {
          expect(spec.containers.map((container) => container.image)).toEqual([image]);
          expect(status.containerStatuses?.map(({ imageID }) => imageID)).toEqual([image]);
        }
      }
    });

    it('a firewall comes from the registry too, and is Ready', async () => {
      await clone.type('kubectl apply -f examples/storefront/storefront.yaml');
      await clone.type('kubectl wait --for=condition=Ready firewall/edge --timeout=150s');
      const ask =
        'kubectl get pods -l heddle.dev/function=firewall.edge -o jsonpath={.items[*].spec.containers[*].image}';
      expect(await clone.type(ask)).toBe(
        `${values.image.registry}/firewall@${values.functions.firewall?.image.digest}`,
      );
    });

    it('helm test passes', async () => {
      await clone.type('helm test heddle --namespace heddle-system --timeout 2m');
    });
  },
);

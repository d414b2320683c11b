// SPDX-License-Identifier: Apache-2.0
import { globSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { execa } from 'execa';
import { loadAll } from 'js-yaml';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Crd, type CrdSchema, readCrds, schemaOf } from '../../../tools/generate/crds.ts';
import { binaries } from '../../../tools/kind/binaries.ts';
import { findMissing, needs } from '../../support/needs.ts';
import { type ApiServer, missingApiServer, startApiServer } from '../firewall/api-server.ts';
import { run } from '../firewall/shell.ts';

const ROOT = join(import.meta.dirname, '../../..');
/** A machine that does much else takes seconds for each kubectl. */
const PATIENCE = 300_000;
const NETNS = `heddle-twice-${process.pid}`;

interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string };
}

/** All objects of one namespace, as a person or a program applies them. */
interface Application {
  readonly name: string;
  readonly manifests: readonly Manifest[];
}

const manifestsIn = (text: string): Manifest[] => (loadAll(text) as Manifest[]).filter(Boolean);
const read = (file: string): string => readFileSync(join(ROOT, file), 'utf8');

const examples = globSync('examples/**/*.yaml', { cwd: ROOT })
  .sort()
  .map((file): Application => ({ name: basename(file, '.yaml'), manifests: manifestsIn(read(file)) }));

/**
 * Every valid manifest of the corpus, whose objects have one name: each gets that of its file. But for a Firewall without
 * `spec`: the API server fills it in, and a kubectl that validates by itself asks for it.
 */
const corpus: Application = {
  name: 'corpus',
  manifests: globSync('test/cluster/api/corpus/valid/*.yaml', { cwd: ROOT })
    .sort()
    .flatMap((file) => {
      const [manifest] = manifestsIn(read(file));
      return manifest && 'spec' in manifest
        ? [{ ...manifest, metadata: { ...manifest.metadata, name: basename(file, '.yaml') } }]
        : [];
    }),
};

/** Those whose lists had other definitions in 0.1.0. */
const withLists = corpus.manifests.filter(({ metadata }) =>
  ['chain-smallest', 'custom-function-full', 'firewall-of-the-design', 'load-balancer-smallest'].includes(
    metadata.name,
  ),
);

/** The objects in the pages of the documentation. Two may be states of one object: here each is an object of its own. */
const pages: Application = {
  name: 'docs',
  manifests: globSync('docs/*.md', { cwd: ROOT })
    .sort()
    .flatMap((file) => [...read(file).matchAll(/^```yaml\n(.*?)^```$/gms)])
    .flatMap(([, block]) => manifestsIn(block ?? ''))
    .filter(({ apiVersion }) => apiVersion === 'heddle.dev/v1alpha1')
    .map((each, index) => ({
      ...each,
      metadata: { ...each.metadata, name: `${each.metadata.name}-${index}` },
    })),
};

const chainOver = (functions: readonly object[]): Manifest & { readonly spec: object } => ({
  apiVersion: 'heddle.dev/v1alpha1',
  kind: 'ServiceChain',
  metadata: { name: 'it' },
  spec: { network: 'shop', functions },
});

const definitions = await readCrds();

/** The definitions of 0.1.0 as far as they had other lists: defaults in items, and one owner for a whole list. */
const formerDefinitions = structuredClone(definitions).map((crd): Crd => {
  const spec = schemaOf(crd).properties?.spec;
  const change = (path: string, former: object): void => {
    const schema = path
      .split('.')
      .reduce<CrdSchema | undefined>(
        (at, name) => (name === '[]' ? at?.items : at?.properties?.[name]),
        spec,
      );
    if (schema) Object.assign(schema, former);
  };
  const atomic = { 'x-kubernetes-list-type': 'atomic', 'x-kubernetes-list-map-keys': undefined };
  change('functions', atomic);
  change('functions.[].onFailure', { default: 'Closed' });
  change('rules.[].rate.burst', { default: 5 });
  change('rules.[].rate.per', { default: 'Rule' });
  change('backends.addresses.[].weight', { default: 100 });
  change('pod.topologySpreadConstraints', atomic);
  change('ports.[].protocol', crd.spec.names.kind === 'CustomFunction' ? { default: 'TCP' } : {});
  const portKeys = ['containerPort', 'protocol'];
  const byKey = { 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': portKeys };
  change('ports', crd.spec.names.kind === 'CustomFunction' ? byKey : {});
  return crd;
});

/** Before a real API server, without operator and controllers: what stands there is what was written. */
describe(
  'an object that is applied again is unchanged, whoever applies it',
  needs(findMissing(['ip', 'diff']) ?? missingApiServer()),
  () => {
    let api: ApiServer;

    beforeAll(async () => {
      await run('ip', 'netns', 'add', NETNS);
      await run('ip', '-n', NETNS, 'link', 'set', 'lo', 'up');
      api = await startApiServer(NETNS);
      await api.apply(JSON.stringify({ apiVersion: 'v1', kind: 'List', items: definitions }));
      await api.kubectl('wait', '--for=condition=Established', 'crd', '--all', '--timeout=60s');
    }, 180_000);

    afterAll(async () => {
      await api?.close();
      await run('ip', 'netns', 'del', NETNS);
    });

    /** Runs kubectl with the objects as its input; returns its exit code and its lines. */
    const apply = async (
      { name, manifests }: Application,
      ...args: readonly string[]
    ): Promise<{ readonly code: number | undefined; readonly lines: readonly string[] }> => {
      const kubectl = join(binaries().directory, 'kubectl');
      const command = [kubectl, '--kubeconfig', api.kubeconfig, '-n', name, ...args, '-f', '-'];
      const result = await execa('ip', ['netns', 'exec', NETNS, ...command], {
        input: JSON.stringify({ apiVersion: 'v1', kind: 'List', items: manifests }),
        reject: false,
        all: true,
      });
      return { code: result.exitCode, lines: result.all.split('\n') };
    };
    /** What an edit changes of each object: its generation. Another owner of the same fields is no edit. */
    const generations = (namespace: string): Promise<string> =>
      api.kubectl(
        'get',
        'heddle',
        '-n',
        namespace,
        '-o',
        'jsonpath={range .items[*]}{.kind} {.metadata.name} {.metadata.generation}{"\\n"}{end}',
      );
    /** Installs definitions, and waits until the API server uses them: it says what onFailure is without being named. */
    const define = async (crds: readonly Crd[], onFailure: string | undefined): Promise<void> => {
      await api.apply(JSON.stringify({ apiVersion: 'v1', kind: 'List', items: crds }));
      const probe = { name: 'default', manifests: [chainOver([{ kind: 'Firewall', name: 'edge' }])] };
      await expect
        .poll(
          async () => {
            const { lines } = await apply(probe, 'create', '--dry-run=server', '-o', 'json');
            return JSON.parse(lines.join('\n')).spec.functions[0].onFailure;
          },
          { timeout: 60_000 },
        )
        .toBe(onFailure);
    };
    const done = { code: 0, lines: expect.anything() };
    const same = { code: 0, lines: [''] };

    test.for([...examples, pages, corpus])(
      '$name, by kubectl and by others',
      { timeout: PATIENCE },
      async (application) => {
        await api.kubectl('create', 'namespace', application.name);
        expect(await apply(application, 'apply')).toMatchObject(done);
        const before = await generations(application.name);
        const again = await apply(application, 'apply');
        expect(again.lines.filter((line) => !line.endsWith(' unchanged'))).toEqual([]);
        expect(await apply(application, 'diff')).toEqual(same);

        // kubectl takes over what it applied by itself before. Flux applies so too, and Argo CD if it is told to.
        for (const manager of ['kubectl', 'kustomize-controller']) {
          const bySide = ['--server-side', `--field-manager=${manager}`];
          expect(await apply(application, 'apply', ...bySide)).toMatchObject(done);
        }
        const bySide = ['--server-side', '--field-manager=argocd-controller'];
        expect(await apply(application, 'diff', ...bySide)).toEqual(same);
        expect(await generations(application.name)).toBe(before);
      },
    );

    test('functions of a chain have the order in which they were applied last', async () => {
      await api.kubectl('create', 'namespace', 'order');
      const chainOf = (...names: readonly string[]): Application => ({
        name: 'order',
        manifests: [chainOver(names.map((name) => ({ kind: 'Firewall', name })))],
      });
      for (const names of [
        ['a', 'b', 'c'],
        ['c', 'a', 'b'],
        ['b', 'c'],
        ['c', 'd', 'b'],
      ]) {
        expect(await apply(chainOf(...names), 'apply', '--server-side')).toMatchObject(done);
        const path = 'jsonpath={.spec.functions[*].name}';
        expect(await api.kubectl('get', 'chain', 'it', '-n', 'order', '-o', path)).toBe(names.join(' '));
      }
    });

    test('objects of the release before can be applied as they are, by kubectl and by others', {
      timeout: PATIENCE,
    }, async () => {
      const flux = ['--server-side', '--field-manager=kustomize-controller'];
      const [byKubectl, byFlux] = ['former-kubectl', 'former-flux'].map((name) => ({
        name,
        manifests: withLists,
      }));
      if (!byKubectl || !byFlux) throw new Error('two ways to apply');
      for (const { name } of [byKubectl, byFlux]) await api.kubectl('create', 'namespace', name);
      await define(formerDefinitions, 'Closed');
      expect(await apply(byKubectl, 'apply')).toMatchObject(done);
      expect(await apply(byFlux, 'apply', ...flux)).toMatchObject(done);
      await define(definitions, undefined);

      expect(await apply(byKubectl, 'apply')).toMatchObject(done);
      expect(await apply(byKubectl, 'diff')).toEqual(same);
      expect(await apply(byKubectl, 'apply', '--server-side')).toMatchObject(done);
      expect(await apply(byFlux, 'apply', ...flux)).toMatchObject(done);
      expect(await apply(byFlux, 'diff', ...flux)).toEqual(same);
      expect(await apply(byFlux, 'apply', '--server-side')).toMatchObject(done);
    });
  },
);

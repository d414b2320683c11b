// SPDX-License-Identifier: Apache-2.0
import { parseArgs } from 'node:util';

export interface ImagesOptions {
  /** `REGISTRY/PREFIX`: the images are called `REGISTRY/PREFIX/operator` and so on. */
  readonly registry: string;
  /** Absent: it is made from the version and the commit. */
  readonly tag: string | undefined;
  readonly push: boolean;
  /** The folder that gets one archive and one SBOM for each image. */
  readonly archive: string | undefined;
  /** The registry speaks HTTP without TLS. */
  readonly plainHttp: boolean;
}

export const usage = `Usage: npm run images -- --registry REGISTRY/PREFIX [--tag TAG] [--push] [--archive DIR] [--plain-http]

  --registry REGISTRY/PREFIX  where the images go: REGISTRY/PREFIX/operator, .../agent and so on
  --tag TAG                   their tag (the version and the commit)
  --push                      push them there
  --archive DIR               write each image as an OCI archive, with its SBOM, into DIR
  --plain-http                the registry has no TLS (known of one on this machine's loopback)

It writes values-images.yaml: helm install heddle charts/heddle --values values-images.yaml`;

/** The same pattern as in the chart's values.schema.json. */
const repository = /^[a-z0-9]([a-zA-Z0-9._:/-]*[a-zA-Z0-9])?$/;
const tagPattern = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/;

/** Pure: the options, or an error that says what is wrong with them. */
export function parseOptions(args: readonly string[]): ImagesOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      registry: { type: 'string' },
      tag: { type: 'string' },
      push: { type: 'boolean', default: false },
      archive: { type: 'string' },
      'plain-http': { type: 'boolean', default: false },
    },
  });
  const { registry, tag, push, archive } = values;
  if (!registry)
    throw new Error('--registry is missing: where nodes pull the images from, as in registry.example/heddle');
  if (registry.includes('://'))
    throw new Error(`--registry ${registry}: without a scheme, as in registry.example/heddle`);
  if (!repository.test(registry)) throw new Error(`--registry ${registry} is not the name of a repository`);
  if (tag !== undefined && !tagPattern.test(tag)) throw new Error(`--tag ${tag} is not a tag`);
  return { registry, tag, push, archive, plainHttp: values['plain-http'] || isLoopback(registry) };
}

/** Docker takes these for registries without TLS, too. */
export function isLoopback(registry: string): boolean {
  return /^(localhost|127(\.\d+){3})(:\d+)?(\/|$)/.test(registry);
}

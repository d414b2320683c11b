// SPDX-License-Identifier: Apache-2.0
import { dump } from 'js-yaml';

export interface KrewArchive {
  /** The architecture, as Node and Go call it. */
  readonly arch: 'amd64' | 'arm64';
  readonly file: string;
  readonly sha256: string;
}

/** Pure: the manifest of the plugin for krew, https://krew.sigs.k8s.io/docs/developer-guide/plugin-manifest/. */
export function renderKrewManifest(options: {
  readonly version: string;
  /** The URL of the release's files, without a slash at its end. */
  readonly downloads: string;
  readonly archives: readonly KrewArchive[];
}): string {
  const { version, downloads, archives } = options;
  return dump(
    {
      apiVersion: 'krew.googlecontainertools.github.com/v1alpha2',
      kind: 'Plugin',
      metadata: { name: 'heddle' },
      spec: {
        version: `v${version}`,
        homepage: 'https://heddle.dev',
        shortDescription: 'See and explain service chains',
        description:
          'Says whether all of Heddle is well, which way a packet goes through its chain and why,\nwhat is dropped and where, and prints the files of VPN peers. It only reads.\n',
        platforms: archives.map(({ arch, file, sha256 }) => ({
          selector: { matchLabels: { os: 'linux', arch } },
          uri: `${downloads}/${file}`,
          sha256,
          bin: 'kubectl-heddle',
          files: [
            { from: 'kubectl-heddle', to: '.' },
            { from: 'LICENSE', to: '.' },
          ],
        })),
      },
    },
    { lineWidth: 120 },
  );
}

// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { debianEntry, nodeEntry, npmEntry } from '../../../../../tools/images/sbom/contents.ts';
import { renderSpdx, type SbomInput } from '../../../../../tools/images/sbom/spdx.ts';

const npm = (name: string) => ({
  name,
  version: '1.0.0',
  license: 'MIT',
  integrity: 'sha512-AAEC',
  text: '',
});

const input: SbomInput = {
  image: {
    id: 'heddle-agent',
    name: 'heddle-agent',
    version: '0.1.0',
    purl: 'pkg:oci/agent@sha256%3Aab',
    purpose: 'CONTAINER',
    license: 'Apache-2.0',
    checksum: { algorithm: 'SHA256', hex: 'ab' },
  },
  contents: [
    nodeEntry('24.1.0'),
    debianEntry({
      name: 'libstdc++6',
      version: '1:12.2.0-14+b1',
      architecture: 'amd64',
      source: 'gcc-12 (12.2.0-14)',
      maintainer: 'GCC Maintainers <gcc@example.com>',
      homepage: undefined,
    }),
    npmEntry(npm('@scope/a')),
    npmEntry(npm('b')),
  ],
  created: '2023-11-14T22:13:20Z',
  creator: 'Tool: heddle-images-0.1.0',
  namespace: 'https://heddle.dev/spdx/agent/ab',
};

interface Document {
  readonly packages: readonly Readonly<Record<string, unknown>>[];
  readonly relationships: readonly {
    readonly spdxElementId: string;
    readonly relationshipType: string;
    readonly relatedSpdxElement: string;
  }[];
}

const document = JSON.parse(renderSpdx(input)) as Document;

describe('an SBOM', () => {
  it('has what SPDX 2.3 demands of a document', () => {
    expect(document).toMatchObject({
      spdxVersion: 'SPDX-2.3',
      dataLicense: 'CC0-1.0',
      SPDXID: 'SPDXRef-DOCUMENT',
      name: 'heddle-agent 0.1.0',
      documentNamespace: 'https://heddle.dev/spdx/agent/ab',
      creationInfo: { created: '2023-11-14T22:13:20Z', creators: ['Tool: heddle-images-0.1.0'] },
    });
  });

  it('has what SPDX 2.3 demands of a package, with identifiers of its alphabet', () => {
    for (const one of document.packages) {
      expect(one.SPDXID).toMatch(/^SPDXRef-[A-Za-z0-9.-]+$/);
      expect(one.name).toBeTruthy();
      expect(one.downloadLocation).toBe('NOASSERTION');
      expect(one.filesAnalyzed).toBe(false);
      expect(one.licenseConcluded).toBe('NOASSERTION');
      expect(one.licenseDeclared).toBeTruthy();
      expect(one.copyrightText).toBe('NOASSERTION');
    }
    expect(new Set(document.packages.map(({ SPDXID }) => SPDXID)).size).toBe(input.contents.length + 1);
  });

  it('describes the image, which contains all the others, and relates nothing that it does not list', () => {
    const ids = document.packages.map(({ SPDXID }) => SPDXID);
    const [image, ...others] = ids;
    const [first, ...rest] = document.relationships;
    expect(first).toEqual({
      spdxElementId: 'SPDXRef-DOCUMENT',
      relationshipType: 'DESCRIBES',
      relatedSpdxElement: image,
    });
    expect(rest.map(({ relatedSpdxElement }) => relatedSpdxElement)).toEqual(others);
    for (const { spdxElementId, relationshipType } of rest) {
      expect([spdxElementId, relationshipType]).toEqual([image, 'CONTAINS']);
    }
  });

  it('names packages by URLs that scanners know', () => {
    const purls = document.packages.map(
      ({ externalRefs }) => (externalRefs as { referenceLocator: string }[])[0],
    );
    expect(purls.map((reference) => reference?.referenceLocator)).toEqual([
      'pkg:oci/agent@sha256%3Aab',
      'pkg:generic/node@24.1.0',
      'pkg:deb/debian/libstdc%2B%2B6@1:12.2.0-14%2Bb1?arch=amd64&distro=debian-12',
      'pkg:npm/%40scope/a@1.0.0',
      'pkg:npm/b@1.0.0',
    ]);
    for (const reference of purls) {
      expect(reference).toMatchObject({ referenceCategory: 'PACKAGE-MANAGER', referenceType: 'purl' });
    }
  });

  it('has the checksum of an archive of npm in hexadecimal, and a supplier in the form of SPDX', () => {
    const [, , debian, npmPackage] = document.packages;
    expect(npmPackage?.checksums).toEqual([{ algorithm: 'SHA512', checksumValue: '000102' }]);
    expect(debian?.supplier).toBe('Organization: GCC Maintainers (gcc@example.com)');
  });
});

// SPDX-License-Identifier: Apache-2.0
import type { NpmPackage } from '../../build/npm-package.ts';
import type { DebianPackage } from './debian.ts';
import type { SbomPackage } from './spdx.ts';

/** Pure: packages of npm, of Debian, and Node itself, as an SBOM lists them. */

export function npmEntry({ name, version, license, integrity }: NpmPackage): SbomPackage {
  const path = name.startsWith('@') ? `%40${name.slice(1)}` : name;
  return {
    id: `npm-${name}-${version}`,
    name,
    version,
    license,
    purl: `pkg:npm/${path}@${version}`,
    purpose: 'LIBRARY',
    checksum: parseIntegrity(integrity),
  };
}

function parseIntegrity(integrity: string | undefined): SbomPackage['checksum'] {
  const base64 = /^sha512-(\S+)$/.exec(integrity ?? '')?.[1];
  return base64 ? { algorithm: 'SHA512', hex: Buffer.from(base64, 'base64').toString('hex') } : undefined;
}

export function debianEntry(one: DebianPackage): SbomPackage {
  const { name, version, architecture, source, maintainer, homepage } = one;
  return {
    id: `deb-${name}`,
    name,
    version,
    purl: `pkg:deb/debian/${encode(name)}@${encode(version)}?arch=${architecture}&distro=debian-12`,
    purpose: 'LIBRARY',
    supplier: `Organization: ${maintainer.replace(/<(.*)>$/, '($1)')}`,
    homepage,
    sourceInfo: `built from the source package ${source}`,
    licenseComments: `/usr/share/doc/${name}/copyright in the image`,
  };
}

/** Encodes a plus sign, which would be a space in a package URL. */
function encode(version: string): string {
  return encodeURIComponent(version).replaceAll('%3A', ':');
}

export function nodeEntry(version: string): SbomPackage {
  return {
    id: 'node',
    name: 'node',
    version,
    purl: `pkg:generic/node@${version}`,
    purpose: 'APPLICATION',
    license: 'MIT',
    licenseComments: '/usr/share/doc/nodejs/LICENSE in the image has the licences of what it is built from',
  };
}

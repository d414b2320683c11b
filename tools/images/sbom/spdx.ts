// SPDX-License-Identifier: Apache-2.0
/** Pure: documents of SPDX 2.3, as JSON. What we do not know is NOASSERTION. */

export interface SbomPackage {
  /** Distinguishes it from the other packages: `deb-libc6`, `npm-express-5.3.0`. */
  readonly id: string;
  readonly name: string;
  readonly version: string;
  /** A package URL, for types that have one. */
  readonly purl: string | undefined;
  readonly purpose: 'APPLICATION' | 'LIBRARY' | 'CONTAINER';
  /** An SPDX expression. */
  readonly license?: string | undefined;
  readonly licenseComments?: string | undefined;
  readonly supplier?: string | undefined;
  readonly homepage?: string | undefined;
  readonly sourceInfo?: string | undefined;
  readonly checksum?: { readonly algorithm: 'SHA256' | 'SHA512'; readonly hex: string } | undefined;
}

export interface SbomInput {
  /** What the document describes. */
  readonly image: SbomPackage;
  readonly contents: readonly SbomPackage[];
  readonly created: string;
  readonly creator: string;
  /** A URI that no other document has. */
  readonly namespace: string;
}

const NOASSERTION = 'NOASSERTION';
const DOCUMENT = 'SPDXRef-DOCUMENT';

export function renderSpdx({ image, contents, created, creator, namespace }: SbomInput): string {
  const document = {
    spdxVersion: 'SPDX-2.3',
    dataLicense: 'CC0-1.0',
    SPDXID: DOCUMENT,
    name: `${image.name} ${image.version}`,
    documentNamespace: namespace,
    creationInfo: { created, creators: [creator] },
    packages: [image, ...contents].map(renderPackage),
    relationships: [
      relationship(DOCUMENT, 'DESCRIBES', spdxId(image)),
      ...contents.map((one) => relationship(spdxId(image), 'CONTAINS', spdxId(one))),
    ],
  };
  return `${JSON.stringify(document, null, 2)}\n`;
}

function renderPackage(one: SbomPackage): object {
  const { purl, checksum, homepage, sourceInfo, licenseComments } = one;
  return {
    SPDXID: spdxId(one),
    name: one.name,
    versionInfo: one.version,
    supplier: one.supplier ?? NOASSERTION,
    downloadLocation: NOASSERTION,
    filesAnalyzed: false,
    ...(checksum ? { checksums: [{ algorithm: checksum.algorithm, checksumValue: checksum.hex }] } : {}),
    ...(homepage ? { homepage } : {}),
    ...(sourceInfo ? { sourceInfo } : {}),
    licenseConcluded: NOASSERTION,
    licenseDeclared: one.license ?? NOASSERTION,
    ...(licenseComments ? { licenseComments } : {}),
    copyrightText: NOASSERTION,
    ...(purl ? { externalRefs: [externalRef(purl)] } : {}),
    primaryPackagePurpose: one.purpose,
  };
}

function externalRef(purl: string): object {
  return { referenceCategory: 'PACKAGE-MANAGER', referenceType: 'purl', referenceLocator: purl };
}

function relationship(from: string, type: 'DESCRIBES' | 'CONTAINS', to: string): object {
  return { spdxElementId: from, relationshipType: type, relatedSpdxElement: to };
}

/** An identifier of SPDX may have letters, digits, dots and hyphens only. */
function spdxId({ id }: SbomPackage): string {
  return `SPDXRef-Package-${id.replaceAll(/[^A-Za-z0-9.-]+/g, '-')}`;
}

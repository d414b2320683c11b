// SPDX-License-Identifier: Apache-2.0
import type { BpfMapName } from '../render/generated/layout.ts';

/** Maps that only the agent writes, so that it knows their content. */
export const ownedMaps = [
  'ports',
  'networks',
  'vteps',
  'addresses',
  'prefixes',
  'classifier',
  'paths',
  'hops',
  'instances',
  'tables',
  'listeners',
  'sides',
] as const satisfies readonly BpfMapName[];
export type OwnedMap = (typeof ownedMaps)[number];

/** The content of the kernel's maps, by bytesKey: read once at the start, then updated with every write. */
export type KernelMaps = Readonly<Record<OwnedMap, ReadonlyMap<string, Uint8Array>>>;

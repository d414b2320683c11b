// SPDX-License-Identifier: Apache-2.0
import type { BpfMapName } from '../render/generated/layout.ts';

/** Maps that the agent alone writes, and whose content it therefore knows. */
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
] as const satisfies readonly BpfMapName[];
export type OwnedMap = (typeof ownedMaps)[number];

/** What the kernel's maps hold, by bytesKey: read once at the start, then kept in step with every write. */
export type KernelMaps = Readonly<Record<OwnedMap, ReadonlyMap<string, Uint8Array>>>;

// SPDX-License-Identifier: Apache-2.0
import { join } from 'node:path';
import {
  bpfMaps,
  END_ENTRIES,
  type End,
  type EndKey,
  encodeEnd,
  encodeEndKey,
} from '../../agent/render/generated/layout.ts';
import { encodeU32 } from '../../agent/render/scalar.ts';
import { beside } from './beside.ts';

/** An entry of `ends`. */
export interface EndEntry {
  readonly key: EndKey;
  readonly end: End;
}

/** Runs `work` while another CPU adds and deletes two ends in turn, which use the same memory (`replacer.bpf.c`). */
export function besideReplacements<T>(
  { folder, ends }: { readonly folder: string; readonly ends: readonly [EndEntry, EndEntry] },
  work: () => Promise<T>,
): Promise<T> {
  const { keySize, valueSize } = bpfMaps.ends;
  const values = Buffer.concat(ends.flatMap(({ key, end }) => [encodeEndKey(key), encodeEnd(end)]));
  const keys = Buffer.concat([encodeU32(0), encodeU32(1)]);
  return beside(
    {
      folder,
      name: 'replacer',
      map: 'ends',
      defines: { KEY_SIZE: keySize, VALUE_SIZE: valueSize, ENTRIES: END_ENTRIES },
      fill: (kernel, maps) =>
        kernel.mapUpdate({ path: join(maps, 'entries'), entries: { keys, values, count: 2 } }),
    },
    work,
  );
}

// SPDX-License-Identifier: Apache-2.0
import { createHash } from 'node:crypto';
import type { NamespacedName } from '../../../api/index.ts';

const NAME_LENGTH = 253;
const LABEL_LENGTH = 63;

/** `<pod>-<interface>-<first 6 hex of sha256(pod uid)>`, the pod's name cut where that is too long. */
export function portNameOf(
  pod: { readonly name: string; readonly uid: string },
  interfaceName: string,
): string {
  const tail = `${interfaceName}-${sha256(pod.uid).slice(0, 6)}`;
  const head = pod.name.slice(0, NAME_LENGTH - tail.length - 1).replace(/[^a-z0-9]+$/, '');
  return `${head}-${tail}`;
}

/** Value of the label `heddle.dev/network`: `<namespace>.<name>`, its end hashed when that is too long. */
export function networkLabelOf({ namespace, name }: NamespacedName): string {
  const text = `${namespace}.${name}`;
  if (text.length <= LABEL_LENGTH) return text;
  const hash = sha256(text).slice(0, 8);
  return `${text.slice(0, LABEL_LENGTH - hash.length - 1).replace(/[^a-z0-9]+$/, '')}-${hash}`;
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

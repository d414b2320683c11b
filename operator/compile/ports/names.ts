// SPDX-License-Identifier: Apache-2.0
import { createHash } from 'node:crypto';
import type { NamespacedName } from '../../../api/index.ts';
import { cut, LABEL_LENGTH, NAME_LENGTH, shorten } from '../../../api/shorten.ts';

/** `<pod>-<interface>-<first 6 hex of sha256(pod uid)>`, the pod's name cut where that is too long. */
export function portNameOf(
  pod: { readonly name: string; readonly uid: string },
  interfaceName: string,
): string {
  const tail = `${interfaceName}-${sha256(pod.uid).slice(0, 6)}`;
  return `${cut(pod.name, NAME_LENGTH - tail.length - 1)}-${tail}`;
}

/** Value of the label `heddle.dev/network`: `<namespace>.<name>`, its end hashed when that is too long. */
export function networkLabelOf({ namespace, name }: NamespacedName): string {
  return shorten(`${namespace}.${name}`, LABEL_LENGTH);
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

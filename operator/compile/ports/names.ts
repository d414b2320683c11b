import { createHash } from 'node:crypto';
import type { NamespacedName } from '../../api/index.ts';

const NAME_LENGTH = 253;
const LABEL_LENGTH = 63;

/**
 * `<pod>-<interface>-<first 6 hex of sha256(pod uid)>`. An interface whose name an object cannot carry (`eth_1`)
 * is written with hyphens, and then is part of the hash, so that no two are written the same.
 */
export function portNameOf(
  pod: { readonly name: string; readonly uid: string },
  interfaceName: string,
): string {
  const plain = interfaceName.toLowerCase().replace(/[^a-z0-9]/g, '-');
  const hashed = plain === interfaceName ? pod.uid : `${pod.uid}/${interfaceName}`;
  const tail = `${trimHyphens(plain)}-${sha256(hashed).slice(0, 6)}`;
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

function trimHyphens(text: string): string {
  return text.replace(/^-+|-+$/g, '') || 'if';
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

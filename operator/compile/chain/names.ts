// SPDX-License-Identifier: Apache-2.0
import { cut, hashOf, LABEL_LENGTH, NAME_LENGTH } from '../../../api/shorten.ts';

/** What stands behind the name of a slice of the path of clients outside. */
type Suffix = '' | '-outside';

/**
 * Name of a slice of a chain: `<chain>-<n>`. Where that is too long, a hash of the chain's name and `.<n>` are its end: no
 * chain with a shorter name has a slice of this name.
 */
export function sliceNameOf(chain: string, slice: number, suffix: Suffix = ''): string {
  const name = `${chain}-${slice}${suffix}`;
  if (name.length <= NAME_LENGTH) return name;
  const tail = `-${hashOf(chain)}.${slice}${suffix}`;
  return `${cut(chain, NAME_LENGTH - tail.length)}${tail}`;
}

/**
 * Value of the label `heddle.dev/chain`, for users who select by it. The operator finds slices by `spec.chain`, which is
 * never shortened; long names may have one label.
 */
export function chainLabelOf(chain: string): string {
  return cut(chain, LABEL_LENGTH);
}

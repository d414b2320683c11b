// SPDX-License-Identifier: Apache-2.0
import type { Address } from './net/address.ts';
import type { Mac } from './net/mac.ts';

/** An element of the networks annotation as written, before checks that need the pod or other elements. */
export interface NetworkElement {
  readonly name: string;
  readonly namespace?: string | undefined;
  readonly interface?: string | undefined;
  readonly addresses: readonly Address[];
  readonly mac?: Mac | undefined;
}

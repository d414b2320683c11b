// SPDX-License-Identifier: Apache-2.0
import type { Address } from './net/address.ts';
import type { Mac } from './net/mac.ts';
import type { Complaint } from './parsed.ts';

/** An address that a pod asks for, with the length of its subnet's prefix if that was written (`10.20.0.5/16`). */
export type RequestedAddress = Address & { readonly prefixLength?: number };

/** An element of the networks annotation as written, before checks that need the pod or other elements. */
export interface NetworkElement {
  readonly name: string;
  readonly namespace?: string | undefined;
  readonly interface?: string | undefined;
  readonly addresses: readonly RequestedAddress[];
  readonly mac?: Mac | undefined;
  /** Why Heddle cannot do what the element says; no matter if its network is another CNI's. */
  readonly complaint?: Complaint | undefined;
}

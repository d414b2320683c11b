// SPDX-License-Identifier: Apache-2.0
import type { Address } from '../../api/net/address.ts';
import type { TracedPacket } from '../../api/trace.ts';

/** The packet that a trace asks about, its addresses parsed. */
export interface Packet extends Omit<TracedPacket, 'source' | 'destination'> {
  readonly source: Address;
  readonly destination: Address;
}

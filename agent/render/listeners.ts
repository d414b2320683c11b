// SPDX-License-Identifier: Apache-2.0
import { isMappedIpv4 } from '../../api/net/mapped.ts';
import type { Chain } from './chain.ts';
import { encodeListener, encodeListenerKey } from './generated/layout.ts';
import { bytesKey } from './keys.ts';
import { PROTOCOLS } from './rules.ts';

/**
 * Renders the listeners of a chain's load balancer. A packet that leaves it shows the protocol, the family and the backend's
 * port; these give the listener that it was sent to. It is unique: a load balancer has one address of each family, and one
 * listener for each target port.
 */
export function renderListeners({ pathId, virtual, listeners }: Chain): ReadonlyMap<string, Uint8Array> {
  return new Map(
    virtual.flatMap((own) =>
      listeners.flatMap(({ protocol: name, port, targetPort }) =>
        PROTOCOLS[name].map((protocol) => {
          const key = { path: pathId, protocol, family: isMappedIpv4(own.bytes) ? 4 : 6, targetPort };
          return [bytesKey(encodeListenerKey(key)), encodeListener({ address: own.bytes, port })] as const;
        }),
      ),
    ),
  );
}

// SPDX-License-Identifier: Apache-2.0
import { isMappedIpv4 } from '../../api/net/mapped.ts';
import type { Chain } from './chain.ts';
import { encodeListener, encodeListenerKey } from './generated/layout.ts';
import { bytesKey } from './keys.ts';
import { PROTOCOLS } from './rules.ts';

/**
 * What a packet that comes out of a chain's load balancer was sent to, by what can be seen of it then: protocol, family
 * and the backend's port. One address a family and one listener a target port make that certain.
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

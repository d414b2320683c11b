// SPDX-License-Identifier: Apache-2.0
import { isMappedIpv4 } from '../../api/net/mapped.ts';
import type { Chain } from './chain.ts';
import { encodeListener, encodeListenerKey } from './generated/layout.ts';
import { bytesKey } from './keys.ts';
import { PROTOCOLS } from './rules.ts';

/**
 * Renders the listeners of a chain's load balancer. A packet that leaves it shows the protocol, the family and the backend's
 * port; these give the listener that it was sent to, as a load balancer has one address of each family. If several
 * listeners have the target port, the entry has port 0: such flows do not go straight.
 */
export function renderListeners({ pathId, virtual, listeners }: Chain): ReadonlyMap<string, Uint8Array> {
  const targets = Map.groupBy(listeners, ({ protocol, targetPort }) => `${protocol} ${targetPort}`);
  return new Map(
    virtual.flatMap((own) =>
      [...targets.values()].flatMap((sharing) => {
        const { protocol: name, port, targetPort } = sharing[0]!;
        return PROTOCOLS[name].map((protocol) => {
          const key = { path: pathId, protocol, family: isMappedIpv4(own.bytes) ? 4 : 6, targetPort };
          const listener = { address: own.bytes, port: sharing.length > 1 ? 0 : port };
          return [bytesKey(encodeListenerKey(key)), encodeListener(listener)] as const;
        });
      }),
    ),
  );
}

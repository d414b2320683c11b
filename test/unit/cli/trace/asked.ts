// SPDX-License-Identifier: Apache-2.0
import type { Port } from '../../../../api/index.ts';
import type { Flags } from '../../../../cli/options.ts';
import { parseRequest } from '../../../../cli/trace/request.ts';
import { port } from '../world.ts';

/** Flags that ask for a TCP packet from one pod to another. */
export const ASKED = { from: 'pod/client', to: 'pod/web', port: '80' };

export const request = (flags: Flags) => parseRequest(flags, 'shop');

/** A Port of pod `name` on a network, with an address a family. */
export function attached(
  name: string,
  options: { network?: string; addresses?: readonly string[]; node?: string } = {},
): Port {
  const { network = 'shop', addresses = ['10.20.0.5', 'fd20::5'], node = 'one' } = options;
  const base = port(name, { node });
  return {
    ...base,
    metadata: { ...base.metadata, name: `${name}-${network}` },
    spec: { ...base.spec, network: { namespace: 'shop', name: network }, addresses: [...addresses] },
  };
}

export const CLIENT = attached('client', { addresses: ['10.20.0.1', 'fd20::1'] });
export const WEB = attached('web', { addresses: ['10.20.0.5', 'fd20::5'], node: 'two' });

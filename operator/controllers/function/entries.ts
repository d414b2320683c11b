// SPDX-License-Identifier: Apache-2.0
import { networkValue } from '../../../kube/index-values.ts';
import type { FunctionObject } from '../../compile/function/kinds.ts';
import type { Stores } from '../../observe/stores.ts';

/** What the reports of a function's instances list. */
export interface Entries {
  readonly entries: number;
  /** The names of the entries, if the spec has them. */
  readonly names?: ReadonlySet<string>;
}

/** Names under which the program of a CustomFunction counts packets. */
export const TRAFFIC = ['in', 'out'] as const;
/** Addresses of a pod on one network: more is a mistake or an attack. */
const ADDRESSES_OF_POD = 4;

/** The most entries that a report of the function may have now. */
export function observeEntries(stores: Pick<Stores, 'ports'>, object: FunctionObject): Entries {
  switch (object.kind) {
    case 'Firewall': {
      const names = new Set((object.spec.rules ?? []).map(({ name }) => name));
      return { entries: names.size, names };
    }
    case 'CustomFunction':
      return { entries: TRAFFIC.length, names: new Set(TRAFFIC) };
    case 'LoadBalancer': {
      const listed = object.spec.backends.addresses?.length;
      if (listed !== undefined) return { entries: listed };
      const { namespace } = object.metadata;
      const ports = stores.ports.countByIndex(
        'network',
        networkValue({ namespace, name: object.spec.network }),
      );
      return { entries: ports * ADDRESSES_OF_POD };
    }
  }
}

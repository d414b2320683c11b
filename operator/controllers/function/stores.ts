// SPDX-License-Identifier: Apache-2.0
import type { StoreReader } from '../../../kube/store.ts';
import type { FunctionKind, FunctionObject } from '../../compile/function/kinds.ts';
import type { Stores } from '../../observe/stores.ts';

/** The stores that hold functions. */
export type FunctionStores = Pick<Stores, 'firewalls' | 'loadBalancers' | 'customFunctions'>;

/** The store of each kind of function. */
const stores: { readonly [Kind in FunctionKind]: keyof FunctionStores } = {
  Firewall: 'firewalls',
  LoadBalancer: 'loadBalancers',
  CustomFunction: 'customFunctions',
};

/** The functions of a kind. */
export function functionsOf(
  all: FunctionStores,
  kind: FunctionKind,
): StoreReader<FunctionObject, 'configMap' | 'network'> {
  return all[stores[kind]];
}

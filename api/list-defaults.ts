// SPDX-License-Identifier: Apache-2.0
import type { ChainFunction, CustomFunctionPort, FirewallRate } from './generated/types.ts';
import type { RatedRule } from './verdict.ts';

type Rate = Pick<RatedRule, 'perSecond' | 'burst' | 'per'>;

/**
 * What fields of list items mean when they are absent. The definitions have no defaults inside of lists: kubectl sends
 * and compares whole lists, so an object with a default in a list would look changed at every `kubectl apply`.
 */

export function onFailureOf({ onFailure = 'Closed' }: ChainFunction): 'Closed' | 'Open' {
  return onFailure;
}

export function rateOf({ perSecond, burst = 5, per = 'Rule' }: FirewallRate): Rate {
  return { perSecond, burst, per };
}

export function portOf(port: CustomFunctionPort): CustomFunctionPort {
  return { ...port, protocol: port.protocol ?? 'TCP' };
}

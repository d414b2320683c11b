// SPDX-License-Identifier: Apache-2.0
import type { FieldError } from '../../../api/field-error.ts';
import { checkFirewall } from '../../../api/firewall-check.ts';
import {
  type ChainListener,
  type FunctionKind,
  type FunctionObject,
  type LoadBalancerListener,
  shortNames,
} from '../../../api/index.ts';
import { checkLoadBalancer, targetPortOf } from '../../../api/load-balancer-check.ts';
import { customFunctionNeeds, type FunctionNeeds, firewallNeeds, loadBalancerNeeds } from './needs.ts';

export type { FunctionKind, FunctionObject } from '../../../api/index.ts';

/** What the operator must know to run functions of one kind. */
interface KindEntry<Spec> {
  /** How the kind is written in a chain's `path` column. */
  readonly short: string;
  /** How messages of conditions speak of it. */
  readonly words: KindWords;
  /** All that is wrong with a spec beside what its schema refuses. */
  check(spec: Spec): readonly FieldError[];
  /** What its spec asks of the operator. */
  needs(spec: Spec): FunctionNeeds;
  /** Whether it only judges how a flow begins, so that the rest of the flow need not pass it. */
  judgesBeginnings(spec: Spec): boolean;
  /** Of one that changes addresses in a way that its spec says whole: how. */
  translates?(spec: Spec): readonly ChainListener[];
  /** Whether the flows of an instance are still safe with it when its pod is not ready: its kernel holds all that it does. */
  readonly worksUnready: boolean;
}

export interface KindWords {
  /** `firewall` */
  readonly noun: string;
  /** What an instance carries out: `rules`. */
  readonly content: string;
  /** Said of a spec without a fault. */
  readonly valid: string;
  /** The field with the selectors of pods, and what else it takes. */
  readonly selects: { readonly field: string; readonly instead: string };
}

type SpecOf<Kind extends FunctionKind> = Extract<FunctionObject, { readonly kind: Kind }>['spec'];

/**
 * Every kind of function that a chain can name. A new kind is one entry here, its CRD, and its program under
 * `functions/`: docs/adding-a-function.md.
 */
export const functionKinds: { readonly [Kind in FunctionKind]: KindEntry<SpecOf<Kind>> } = {
  Firewall: {
    short: shortNames.Firewall,
    words: {
      noun: 'firewall',
      content: 'rules',
      valid: 'The rules and sets make sense.',
      selects: { field: 'spec.rules', instead: 'cidrs' },
    },
    check: checkFirewall,
    needs: firewallNeeds,
    judgesBeginnings: ({ stateful }) => stateful,
    worksUnready: true,
  },
  LoadBalancer: {
    short: shortNames.LoadBalancer,
    words: {
      noun: 'load balancer',
      content: 'listeners',
      valid: 'The listeners and backends make sense.',
      selects: { field: 'spec.backends', instead: 'addresses' },
    },
    check: checkLoadBalancer,
    needs: loadBalancerNeeds,
    // It translates every packet of a flow.
    judgesBeginnings: () => false,
    translates: ({ listeners }) => listeners.map(renderListener),
    worksUnready: true,
  },
  CustomFunction: {
    short: shortNames.CustomFunction,
    words: {
      noun: 'custom function',
      content: 'spec',
      valid: 'The spec makes sense.',
      selects: { field: 'spec', instead: 'none' },
    },
    // Its schema says all.
    check: () => [],
    needs: customFunctionNeeds,
    // Nobody knows what an image does.
    judgesBeginnings: () => false,
    worksUnready: false,
  },
};

function renderListener(listener: LoadBalancerListener): ChainListener {
  const { protocol, port } = listener;
  return { protocol, port, targetPort: targetPortOf(listener) };
}

/** All kinds, as `kind` of an object says them. */
export const allFunctionKinds = Object.keys(functionKinds) as readonly FunctionKind[];

/** The entry of an object's kind, for its spec. */
export function kindOf(object: FunctionObject): KindEntry<FunctionObject['spec']> {
  return functionKinds[object.kind];
}

/** What an object's spec asks of the operator. */
export function needsOf(object: FunctionObject): FunctionNeeds {
  return kindOf(object).needs(object.spec);
}

/** Whether chains can name functions of this kind. */
function isFunctionKind(kind: string): kind is FunctionKind {
  return Object.hasOwn(functionKinds, kind);
}

/** How a person reads a function in one line: `fw/edge`. */
export function shortNameOf(ref: { readonly kind: string; readonly name: string }): string {
  return `${isFunctionKind(ref.kind) ? functionKinds[ref.kind].short : ref.kind.toLowerCase()}/${ref.name}`;
}

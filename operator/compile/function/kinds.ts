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

/** The properties of one kind of function that the operator needs. */
interface KindEntry<Spec> {
  /** How the kind is written in a chain's `path` column. */
  readonly short: string;
  /** Words for this kind in the messages of conditions. */
  readonly words: KindWords;
  /** Returns all faults of a spec that its schema cannot refuse. */
  check(spec: Spec): readonly FieldError[];
  /** What its spec asks of the operator. */
  needs(spec: Spec): FunctionNeeds;
  /** Whether the function only judges the first packets of a flow, so that later packets need not pass it. */
  judgesBeginnings(spec: Spec): boolean;
  /**
   * The listeners by which nodes can translate addresses in place of the function. Only for kinds whose spec defines
   * the translation completely.
   */
  translates?(spec: Spec): readonly ChainListener[];
  /**
   * Whether an instance still handles its flows when its pod is not ready. True when all its work is done by its
   * kernel.
   */
  readonly worksUnready: boolean;
}

export interface KindWords {
  /** `firewall` */
  readonly noun: string;
  /** What an instance enforces: `rules`. */
  readonly content: string;
  /** Message for a spec without faults. */
  readonly valid: string;
  /** The field with pod selectors, and what else that field accepts. */
  readonly selects: { readonly field: string; readonly instead: string };
}

type SpecOf<Kind extends FunctionKind> = Extract<FunctionObject, { readonly kind: Kind }>['spec'];

/**
 * All kinds of functions that a chain can name. A new kind is one entry here, its CRD, and its program under
 * `functions/`: docs/adding-a-function.md.
 */
export const functionKinds: { readonly [Kind in FunctionKind]: KindEntry<SpecOf<Kind>> } = {
  Firewall: {
    short: shortNames.Firewall,
    words: {
      noun: 'firewall',
      content: 'rules',
      valid: 'The rules and sets are valid.',
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
      valid: 'The listeners and backends are valid.',
      selects: { field: 'spec.backends', instead: 'addresses' },
    },
    check: checkLoadBalancer,
    needs: loadBalancerNeeds,
    // A load balancer translates every packet of a flow.
    judgesBeginnings: () => false,
    translates: ({ listeners }) => listeners.map(renderListener),
    worksUnready: true,
  },
  CustomFunction: {
    short: shortNames.CustomFunction,
    words: {
      noun: 'custom function',
      content: 'spec',
      valid: 'The spec is valid.',
      selects: { field: 'spec', instead: 'none' },
    },
    // The schema checks everything.
    check: () => [],
    needs: customFunctionNeeds,
    // The operator cannot know what the image does with packets.
    judgesBeginnings: () => false,
    worksUnready: false,
  },
};

function renderListener(listener: LoadBalancerListener): ChainListener {
  const { protocol, port } = listener;
  return { protocol, port, targetPort: targetPortOf(listener) };
}

/** The names of all kinds of functions. */
export const allFunctionKinds = Object.keys(functionKinds) as readonly FunctionKind[];

/** The entry of functionKinds for an object. */
export function kindOf(object: FunctionObject): KindEntry<FunctionObject['spec']> {
  return functionKinds[object.kind];
}

/** What the spec of a function needs from the operator. */
export function needsOf(object: FunctionObject): FunctionNeeds {
  return kindOf(object).needs(object.spec);
}

/** Whether chains can name functions of this kind. */
function isFunctionKind(kind: string): kind is FunctionKind {
  return Object.hasOwn(functionKinds, kind);
}

/** A function in short form, for messages and columns: `fw/edge`. */
export function shortNameOf(ref: { readonly kind: string; readonly name: string }): string {
  return `${isFunctionKind(ref.kind) ? functionKinds[ref.kind].short : ref.kind.toLowerCase()}/${ref.name}`;
}

// SPDX-License-Identifier: Apache-2.0
import type { Choice } from '../../api/trace.ts';
import type { Endpoint, Instance } from '../render/generated/layout.ts';
import type { Match } from './classify.ts';
import type { Travel } from './travel.ts';

/** The result of a step, with the numbers of the maps; `labels.ts` adds the names. */
export type Outcome =
  | {
      readonly kind: 'Instance';
      readonly vni: number;
      readonly id: number;
      readonly instance: Instance;
      readonly choice: Choice;
      readonly travel: Travel;
    }
  | { readonly kind: 'Port'; readonly vni: number; readonly endpoint: Endpoint }
  | {
      readonly kind: 'Drop';
      readonly reason: string;
      readonly detail: string;
      readonly at?: { readonly path: number; readonly position: number };
    };

export interface Step {
  readonly classified?: { readonly match: Match; readonly reply: boolean };
  readonly path?: number;
  /** Positions of hops that were skipped. */
  readonly skipped: readonly number[];
  readonly outcome: Outcome;
}

export function dropStep(reason: string, detail: string): Step {
  return { skipped: [], outcome: { kind: 'Drop', reason, detail } };
}

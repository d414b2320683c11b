// SPDX-License-Identifier: Apache-2.0
import { type Prefix, parsePrefix } from '../../../api/net/prefix.ts';
import type { Remark } from '../../../api/reasons.ts';
import { lacks, type PastVerdict } from './compare.ts';

/**
 * What becomes of a pod that runs without an interface that it cannot have. `Fence`: the ranges of that network are
 * unreachable for it. `Isolate`: everything is.
 */
export type StartedWithout = 'Fence' | 'Isolate';

const EVERYTHING: readonly Prefix[] = ['0.0.0.0/0', '::/0'].map(parsePrefix);

/** Pure: the destinations that the pod must not reach. */
export function renderFence(verdict: PastVerdict, startedWithout: StartedWithout): readonly Prefix[] {
  if (!lacks(verdict)) return [];
  if (startedWithout === 'Isolate') return EVERYTHING;
  // A network's default route is no range of its own.
  return verdict.fence.map(parsePrefix).filter(({ length }) => length > 0);
}

/** Pure: the Events about the pod. */
export function renderRemarks(
  verdict: PastVerdict,
  startedWithout: StartedWithout,
): readonly Remark<'Pod'>[] {
  const late = verdict.late.map(({ spec }) => spec.interface).join(', ');
  const remarks: Remark<'Pod'>[] = [];
  if (late !== '') {
    const message = `a container started before interface ${late} was there, since the agent could not be asked; it is attached now. Create the pod again if a process looked for it before`;
    remarks.push({ type: 'Warning', reason: 'StartedBeforeInterface', message });
  }
  if (lacks(verdict)) {
    const message = `the pod runs without what it asks for (${whatLacks(verdict)}): it started while the agent could not be asked, or has lost it since; until it is there, ${reachOf(verdict, startedWithout)}`;
    remarks.push({ type: 'Warning', reason: 'StartedWithoutInterface', message });
  }
  return remarks;
}

function whatLacks({ missing, attach }: PastVerdict): string {
  const reasons = [
    ...missing.map(({ name, why }) => (name === '' ? why : `${name}: ${why}`)),
    ...attach.map(({ spec }) => `${spec.interface}: it cannot be attached, see the log of the agent`),
  ];
  return reasons.join('; ');
}

function reachOf(verdict: PastVerdict, startedWithout: StartedWithout): string {
  if (startedWithout === 'Isolate') return 'it reaches nothing but itself';
  if (verdict.fence.length === 0) return 'it has only its other interfaces';
  return `it cannot reach ${verdict.fence.join(', ')}`;
}

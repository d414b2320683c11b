// SPDX-License-Identifier: Apache-2.0
import type { ServiceChain } from '../api/index.ts';
import { keyOf } from '../api/key.ts';
import { Gauge, type Registry } from '../kube/base/metrics.ts';
import type { Stores } from './observe/stores.ts';

export interface OperatorSources {
  readonly stores: Pick<Stores, 'serviceChains' | 'chainSlices'>;
  readonly isLeader: () => boolean;
}

/** The labels and figures of one hop of a chain. */
export interface HopFigures {
  readonly labels: { readonly namespace: string; readonly chain: string; readonly hop: string };
  readonly onFailure: 'Closed' | 'Open';
  /** Whether `onFailure` is in force: no instance takes flows. */
  readonly failed: boolean;
  readonly ready: number;
  readonly desired: number;
}

/**
 * Registers the metrics of an operator. Every replica has them of all chains, since every replica watches; so queries
 * take the maximum over the operators.
 */
export function registerOperatorMetrics(registry: Registry, { stores, isLeader }: OperatorSources): void {
  const registers = [registry];
  new Gauge({
    name: 'heddle_leading',
    help: 'Whether this replica leads',
    registers,
    collect() {
      this.set(isLeader() ? 1 : 0);
    },
  });
  new Gauge({
    name: 'heddle_hop_failed',
    help: 'Whether no instance of a hop takes flows, so that they are dropped (on_failure Closed) or pass without it (Open)',
    labelNames: ['namespace', 'chain', 'hop', 'on_failure'] as const,
    registers,
    collect() {
      this.reset();
      for (const { labels, onFailure, failed } of hopFigures(stores))
        this.set({ ...labels, on_failure: onFailure }, failed ? 1 : 0);
    },
  });
  for (const which of ['ready', 'desired'] as const) {
    new Gauge({
      name: `heddle_hop_${which}_instances`,
      help:
        which === 'ready'
          ? 'Instances of a hop that take new flows and forward them'
          : 'Instances that a hop shall have',
      labelNames: ['namespace', 'chain', 'hop'] as const,
      registers,
      collect() {
        this.reset();
        for (const { labels, [which]: instances } of hopFigures(stores)) this.set(labels, instances);
      },
    });
  }
}

/** Pure: the figures of every hop, from the status of the chains. */
export function hopFigures({ serviceChains, chainSlices }: OperatorSources['stores']): readonly HopFigures[] {
  return [...serviceChains.values()].flatMap((chain) =>
    // No flow reaches a hop of a chain that is not on the nodes.
    figuresOf(chain, chainSlices.countByIndex('chain', keyOf(chain)) > 0),
  );
}

function figuresOf({ metadata, spec, status }: ServiceChain, isOnNodes: boolean): readonly HopFigures[] {
  return (status?.functions ?? []).map(({ kind, name, state, ready, desired }) => {
    const hop = spec.functions.find((each) => each.kind === kind && each.name === name);
    return {
      labels: { namespace: metadata.namespace, chain: metadata.name, hop: `${kind}/${name}` },
      onFailure: hop?.onFailure ?? 'Closed',
      failed: isOnNodes && state === 'Failed',
      ready,
      desired,
    };
  });
}

// SPDX-License-Identifier: Apache-2.0
import { Histogram, type Registry } from '../../kube/base/metrics.ts';

/** As `PluginStage` of agent/nri. */
export type Stage = 'Away' | 'Waiting' | 'Serving';

/** How the plugin stands with the container runtime, for readiness, reports and metrics. */
export class PluginWatch {
  readonly #away: Histogram<never>;
  readonly #now: () => number;
  #stage: Stage = 'Away';
  /** When the plugin stopped serving; undefined while it has not served yet. */
  #awaySince: number | undefined;
  #waitingSince = 0;

  constructor(registry: Registry, now: () => number = () => performance.now()) {
    this.#now = now;
    this.#away = new Histogram({
      name: 'heddle_runtime_away_seconds',
      help: 'Time from the loss of the connection to the container runtime until it calls the agent again',
      buckets: [0.01, 0.05, 0.2, 1, 5, 30, 300],
      registers: [registry],
    });
  }

  reached(stage: Stage): void {
    const now = this.#now();
    if (stage === 'Serving' && this.#awaySince !== undefined) {
      this.#away.observe((now - this.#awaySince) / 1000);
      this.#awaySince = undefined;
    }
    if (this.#stage === 'Serving') this.#awaySince = now;
    if (stage === 'Waiting') this.#waitingSince = now;
    this.#stage = stage;
  }

  /** How long the runtime has not called the plugin, although it has taken it; 0 if it does, or if there is no connection. */
  get waitedMs(): number {
    return this.#stage === 'Waiting' ? this.#now() - this.#waitingSince : 0;
  }

  /** Why no pod with a network can start; undefined if it can. */
  get problem(): string | undefined {
    return PROBLEMS[this.#stage];
  }
}

const PROBLEMS: Readonly<Record<Stage, string | undefined>> = {
  Away: 'the container runtime has not taken the plugin',
  Waiting:
    'the container runtime has taken the plugin and waits for a container that is being stopped; no pod starts on this node',
  Serving: undefined,
};

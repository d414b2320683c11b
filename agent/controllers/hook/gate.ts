// SPDX-License-Identifier: Apache-2.0
import type { PluginHandlers } from '../../nri/plugin.ts';

/**
 * Stands between the container runtime and the hooks, so that the plugin can be there before the agent can work and until it
 * has ended: whoever is not there cannot refuse. Until the gate is open and after it is shut, containers are refused. What
 * else the runtime tells before it is open is handed over, in order, when it opens.
 */
export class Gate {
  readonly handlers: PluginHandlers;
  readonly #waiting: ((hooks: PluginHandlers) => Promise<void>)[] = [];
  #hooks: PluginHandlers | undefined;
  #isShut = false;

  constructor() {
    this.handlers = {
      synchronize: (pods, containers) => this.#tell((hooks) => hooks.synchronize(pods, containers)),
      runPodSandbox: (pod) => this.#tell((hooks) => hooks.runPodSandbox(pod)),
      stopPodSandbox: (pod) => this.#tell((hooks) => hooks.stopPodSandbox(pod)),
      removePodSandbox: (pod) => this.#tell((hooks) => hooks.removePodSandbox(pod)),
      createContainer: async (pod, container) => {
        if (this.#isShut) throw new Error('the agent of the node is ending');
        if (!this.#hooks) throw new Error('the agent of the node is starting');
        return this.#hooks.createContainer(pod, container);
      },
    };
  }

  open(hooks: PluginHandlers): void {
    this.#hooks = hooks;
    // A step that fails here has no receiver any more; the reconcile passes do what it left.
    for (const step of this.#waiting.splice(0)) void step(hooks).catch(() => undefined);
  }

  shut(): void {
    this.#isShut = true;
  }

  async #tell(step: (hooks: PluginHandlers) => Promise<void>): Promise<void> {
    if (this.#isShut) return;
    if (this.#hooks) return step(this.#hooks);
    this.#waiting.push(step);
  }
}

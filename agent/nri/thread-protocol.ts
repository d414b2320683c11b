// SPDX-License-Identifier: Apache-2.0
import type { PluginStage } from './plugin.ts';
import type { RuntimeContainer, RuntimePod } from './pod.ts';

/** The messages between the main thread and the thread that talks to the container runtime. */

export interface ThreadData {
  readonly socketPath: string;
  readonly name: string;
  readonly index: string;
  /** Annotations of the pods that concern the agent; a pod without any of them does not wait for its answers. */
  readonly concerns: readonly string[];
}

export type Step =
  | {
      readonly kind: 'synchronize';
      readonly pods: readonly RuntimePod[];
      readonly containers: readonly RuntimeContainer[];
    }
  | { readonly kind: 'runPodSandbox' | 'stopPodSandbox' | 'removePodSandbox'; readonly pod: RuntimePod }
  | {
      readonly kind: 'createContainer';
      readonly pod: RuntimePod;
      readonly container: RuntimeContainer;
    };

export type FromThread =
  | { readonly kind: 'Call'; readonly id: number; readonly step: Step }
  | { readonly kind: 'Stage'; readonly stage: PluginStage }
  | {
      readonly kind: 'Log';
      readonly level: 'info' | 'warn';
      readonly fields: object;
      readonly text: string;
    };

export type ToThread =
  | { readonly kind: 'Result'; readonly id: number; readonly error: string | undefined }
  | { readonly kind: 'Stop' };

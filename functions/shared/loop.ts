// SPDX-License-Identifier: Apache-2.0
import { hashInputs, secretKey } from '../../api/inputs-hash.ts';
import { Backoff } from '../../kube/base/backoff.ts';
import { type Clock, systemClock } from '../../kube/base/clock.ts';
import type { Logger } from '../../kube/base/log.ts';
import type { KubeObject } from '../../kube/object.ts';
import { type FieldError, FieldFailure, type Inputs, type Instance, type Program } from './program.ts';
import type { Sources } from './sources.ts';

/** The state of the loop: what is in the kernel, and why newer inputs are not. */
export interface LoopState {
  /** `metadata.generation` of the spec in force; undefined before the first one. */
  readonly generation: number | undefined;
  readonly inputs: string;
  readonly error: FieldError | undefined;
}

export interface LoopOptions<T extends KubeObject> {
  readonly program: Program<T>;
  readonly instance: Instance<T>;
  readonly name: string;
  readonly selectedPods: string;
  readonly log: Logger;
  readonly clock?: Clock;
}

/** Changes come in bursts (an edit and its ConfigMap, a list at the start). One pass handles a whole burst. */
const GATHER_MS = 20;

/** The loop of a function: watch, render, apply. One pass runs at a time; a failed pass is retried with back-off. */
export class Loop<T extends KubeObject> {
  readonly #options: LoopOptions<T>;
  readonly #clock: Clock;
  readonly #backoff = new Backoff({ firstMs: 500, maxMs: 30_000 });
  #sources: Sources | undefined;
  #state: LoopState = { generation: undefined, inputs: '', error: undefined };
  /** Version of the inputs that were applied or refused last, so that nothing is done twice. */
  #applied: string | undefined;
  #busy = false;
  #dirty = false;
  #cancelNext: (() => void) | undefined;
  #stopped = false;

  constructor(options: LoopOptions<T>) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
  }

  get state(): LoopState {
    return this.#state;
  }

  start(sources: Sources): void {
    this.#sources = sources;
    sources.watch(this.#options.program.resource, this.#options.name);
    sources.keepConfigMaps(new Set([this.#options.selectedPods]));
  }

  /** Schedules a pass, because something changed. */
  wake(): void {
    this.#dirty = true;
    if (!this.#busy) this.#schedule(GATHER_MS);
  }

  stop(): void {
    this.#stopped = true;
    this.#cancelNext?.();
  }

  #schedule(ms: number): void {
    if (this.#stopped) return;
    this.#cancelNext?.();
    this.#cancelNext = this.#clock.after(ms, () => void this.#pass());
  }

  async #pass(): Promise<void> {
    this.#busy = true;
    this.#dirty = false;
    const retryMs = await this.#attempt();
    this.#busy = false;
    if (this.#dirty) this.#schedule(GATHER_MS);
    else if (retryMs !== undefined) this.#schedule(retryMs);
  }

  /** Returns when to try again; undefined when a retry cannot help. */
  async #attempt(): Promise<number | undefined> {
    const gathered = this.#gather();
    if (!gathered) return undefined;
    const { log, instance } = this.#options;
    const { inputs, hash, keptHash } = gathered;
    const { generation, uid } = inputs.object.metadata ?? {};
    // A written status changes the resourceVersion, but not the generation: it causes no work.
    // What is kept matters only while something cannot be read.
    const version = `${uid} ${generation} ${hash} ${this.#state.error ? keptHash : ''}`;
    if (version === this.#applied) return undefined;
    try {
      const outcome = await instance.apply(inputs);
      this.#backoff.reset();
      if (outcome.error && !sameError(outcome.error, this.#state.error)) {
        log.error({ generation, ...outcome.error }, 'the spec cannot be carried out as it is');
      }
      this.#applied = version;
      if (outcome.kind === 'Refused') {
        this.#state = { ...this.#state, error: outcome.error };
      } else {
        log.info({ generation, inputs: hash }, 'applied');
        this.#state = { generation, inputs: hash, error: outcome.error };
      }
      return undefined;
    } catch (error) {
      this.#applied = undefined;
      const waitMs = this.#backoff.next();
      log.error({ error, generation, waitMs: Math.round(waitMs) }, 'could not apply, trying again');
      const field = error instanceof FieldFailure ? error.field : 'spec';
      this.#state = { ...this.#state, error: { field, message: (error as Error).message } };
      return waitMs;
    }
  }

  /** All inputs of one moment; undefined until the API server has answered about everything that the spec names. */
  #gather(): { readonly inputs: Inputs<T>; readonly hash: string; readonly keptHash: string } | undefined {
    const { program, name, selectedPods } = this.#options;
    const sources = this.#sources;
    const object = sources?.get<T>(program.resource, name);
    // A deleted object changes nothing: the pod is deleted with it, and the flows must not end before the pod.
    if (!sources || !object) return undefined;
    const names = [...new Set(program.configMapsOf(object))];
    const secretNames = program.secretsOf?.(object) ?? [];
    const keptNames = program.keptOf?.(object) ?? new Map<string, string>();
    sources.keepConfigMaps(new Set([selectedPods, ...names, ...keptNames.values()]));
    sources.keepSecrets(new Set(secretNames));
    if (!sources.complete) return undefined;
    const all = new Map([selectedPods, ...names].map((each) => [each, sources.configMap(each)]));
    const secrets = new Map(secretNames.map((each) => [each, sources.secret(each)]));
    const configMaps = present(new Map(names.map((each) => [each, all.get(each)])));
    const kept = present(new Map([...keptNames].map(([set, each]) => [set, sources.configMap(each)])));
    return {
      inputs: { object, configMaps, kept, selectedPods: all.get(selectedPods), secrets: present(secrets) },
      keptHash: hashInputs(kept),
      hash: hashInputs(new Map<string, KubeObject | undefined>([...all, ...prefixed(secrets)])),
    };
  }
}

function present<V>(all: ReadonlyMap<string, V | undefined>): ReadonlyMap<string, V> {
  return new Map([...all].flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const])));
}

/** Keys of Secrets with a prefix, for the hash: a Secret and a ConfigMap may have the same name. */
function prefixed<V>(secrets: ReadonlyMap<string, V>): readonly (readonly [string, V])[] {
  return [...secrets].map(([name, secret]) => [secretKey(name), secret] as const);
}

function sameError(a: FieldError | undefined, b: FieldError | undefined): boolean {
  return a?.field === b?.field && a?.message === b?.message;
}

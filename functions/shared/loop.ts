// SPDX-License-Identifier: Apache-2.0
import { hashInputs, secretKey } from '../../api/inputs-hash.ts';
import { Backoff } from '../../kube/base/backoff.ts';
import { type Clock, systemClock } from '../../kube/base/clock.ts';
import type { Logger } from '../../kube/base/log.ts';
import type { KubeObject } from '../../kube/object.ts';
import { type FieldError, FieldFailure, type Inputs, type Instance, type Program } from './program.ts';
import type { Sources } from './sources.ts';

/** What is in the kernel, and what stands in the way of the newest. */
export interface LoopState {
  /** `metadata.generation` of the spec in force; undefined before the first. */
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

/** Changes come in bursts (an edit and its ConfigMap, a list at the start): one pass for all of a burst. */
const GATHER_MS = 20;

/** Watch, render, apply; one pass at a time, again with back-off when it failed. */
export class Loop<T extends KubeObject> {
  readonly #options: LoopOptions<T>;
  readonly #clock: Clock;
  readonly #backoff = new Backoff({ firstMs: 500, maxMs: 30_000 });
  #sources: Sources | undefined;
  #state: LoopState = { generation: undefined, inputs: '', error: undefined };
  /** Of what the kernel has, or what was refused: nothing is done twice. */
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

  /** Something changed: a pass follows soon. */
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

  /** The answer is when to try again, if that could help. */
  async #attempt(): Promise<number | undefined> {
    const gathered = this.#gather();
    if (!gathered) return undefined;
    const { log, instance } = this.#options;
    const { inputs, hash } = gathered;
    const { generation, uid } = inputs.object.metadata ?? {};
    // A status was written: that is no order.
    const version = `${uid} ${generation} ${hash}`;
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

  /** All inputs of one moment; undefined while something that the spec names has not been heard of yet. */
  #gather(): { readonly inputs: Inputs<T>; readonly hash: string } | undefined {
    const { program, name, selectedPods } = this.#options;
    const sources = this.#sources;
    const object = sources?.get<T>(program.resource, name);
    // A deleted object is no order to do anything: the pod goes with it, and its flows should not go first.
    if (!sources || !object) return undefined;
    const names = [...new Set(program.configMapsOf(object))];
    const secretNames = program.secretsOf?.(object) ?? [];
    sources.keepConfigMaps(new Set([selectedPods, ...names]));
    sources.keepSecrets(new Set(secretNames));
    if (!sources.complete) return undefined;
    const all = new Map([selectedPods, ...names].map((each) => [each, sources.configMap(each)]));
    const secrets = new Map(secretNames.map((each) => [each, sources.secret(each)]));
    const configMaps = present(new Map(names.map((each) => [each, all.get(each)])));
    return {
      inputs: { object, configMaps, selectedPods: all.get(selectedPods), secrets: present(secrets) },
      hash: hashInputs(new Map<string, KubeObject | undefined>([...all, ...prefixed(secrets)])),
    };
  }
}

function present<V>(all: ReadonlyMap<string, V | undefined>): ReadonlyMap<string, V> {
  return new Map([...all].flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const])));
}

/** Secrets beside ConfigMaps in a hash: one of each kind may have one name. */
function prefixed<V>(secrets: ReadonlyMap<string, V>): readonly (readonly [string, V])[] {
  return [...secrets].map(([name, secret]) => [secretKey(name), secret] as const);
}

function sameError(a: FieldError | undefined, b: FieldError | undefined): boolean {
  return a?.field === b?.field && a?.message === b?.message;
}

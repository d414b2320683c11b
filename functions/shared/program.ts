// SPDX-License-Identifier: Apache-2.0
import type { Express } from 'express';
import type { Logger } from '../../kube/base/log.ts';
import type { Registry } from '../../kube/base/metrics.ts';
import type { KubeObject } from '../../kube/object.ts';
import type { Resource } from '../../kube/resource.ts';
import type { ConfigMap, Secret } from '../../kube/wire.ts';

/** Everything that a function is told from outside, at one moment. */
export interface Inputs<T extends KubeObject> {
  readonly object: T;
  /** Those that the spec names and that exist, by name. */
  readonly configMaps: ReadonlyMap<string, ConfigMap>;
  /** The pods that the operator found for the selectors of the spec. */
  readonly selectedPods: ConfigMap | undefined;
  /** Those that the kind reads and that exist, by name. */
  readonly secrets: ReadonlyMap<string, Secret>;
}

/** What a person wrote wrongly, and where. */
export interface FieldError {
  readonly field: string;
  readonly message: string;
}

/** What became of one set of inputs. A failure that is nobody's fault is thrown instead, and tried again. */
export type Outcome =
  /** The kernel has it. `error`: with something old in the place of what could not be read. */
  | { readonly kind: 'Applied'; readonly error: FieldError | undefined }
  /** The kernel keeps what it had. */
  | { readonly kind: 'Refused'; readonly error: FieldError };

/** A failure that has to do with one field, and may pass: the kernel refused it. */
export class FieldFailure extends Error {
  readonly field: string;

  constructor(field: string, message: string) {
    super(message);
    this.field = field;
  }
}

/**
 * What is particular to the program of one kind that runs pods, a function or a VPN; the rest is in this folder. A new kind
 * is a folder beside it.
 */
export interface Program<T extends KubeObject> {
  readonly resource: Resource;
  /** Names of the ConfigMaps that a spec names, in the function's namespace. */
  configMapsOf(object: T): readonly string[];
  /** Names of the Secrets that the operator makes for it, in the function's namespace. */
  secretsOf?(object: T): readonly string[];
  /** How long an instance that is to go stays for the flows that it has. */
  drainSecondsOf(object: T): number;
  /** Makes the namespace safe before the API server is asked: nothing may pass that nobody has allowed. */
  start(context: StartContext): Promise<Instance<T>>;
}

/** What a function begins with. */
export interface StartContext {
  readonly log: Logger;
  readonly registry: Registry;
  /** Name of this pod. */
  readonly pod: string;
}

/** A function at work in its namespace. */
export interface Instance<T extends KubeObject> {
  /** Makes the kernel equal to the inputs. Called one at a time. */
  apply(inputs: Inputs<T>): Promise<Outcome>;
  /** What `/report` says besides generation, inputs and error. */
  report(): Promise<Readonly<Record<string, unknown>>>;
  /** Adds routes of its own beside those that all functions have; they only read. */
  routes?(app: Express): void;
  /** Whether somebody would miss it now, when it is to go. Absent: it is missed while a chain's flow is tracked here. */
  isBusy?(): Promise<boolean>;
  /** Ends what runs besides the kernel; packets go on being forwarded as they were. */
  stop(): Promise<void>;
}

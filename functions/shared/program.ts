// SPDX-License-Identifier: Apache-2.0
import type { Express } from 'express';
import type { Logger } from '../../kube/base/log.ts';
import type { Registry } from '../../kube/base/metrics.ts';
import type { KubeObject } from '../../kube/object.ts';
import type { Resource } from '../../kube/resource.ts';
import type { ConfigMap, Secret } from '../../kube/wire.ts';

/** All inputs of a function at one moment. */
export interface Inputs<T extends KubeObject> {
  readonly object: T;
  /** ConfigMaps that the spec names and that exist, by name. */
  readonly configMaps: ReadonlyMap<string, ConfigMap>;
  /** The pods that the operator found for the selectors of the spec. */
  readonly selectedPods: ConfigMap | undefined;
  /** What ConfigMaps last held, by set, as the operator keeps it. It matters only while they cannot be read. */
  readonly kept?: ReadonlyMap<string, ConfigMap>;
  /** Secrets that the kind reads and that exist, by name. */
  readonly secrets: ReadonlyMap<string, Secret>;
}

/** A mistake of the user: the field, and what is wrong with it. */
export interface FieldError {
  readonly field: string;
  readonly message: string;
}

/** The result of applying one set of inputs. A failure that the inputs did not cause is thrown instead, and retried. */
export type Outcome =
  /** The kernel has the inputs. With `error`, older content is used in place of an input that could not be read. */
  | { readonly kind: 'Applied'; readonly error: FieldError | undefined }
  /** The kernel keeps its former state. */
  | { readonly kind: 'Refused'; readonly error: FieldError };

/** A failure of one field that may be temporary: the kernel refused it. */
export class FieldFailure extends Error {
  readonly field: string;

  constructor(field: string, message: string) {
    super(message);
    this.field = field;
  }
}

/**
 * The part of a program that is particular to one kind that runs pods (a function or a VPN). This folder has the rest.
 * A new kind is a new folder beside it.
 */
export interface Program<T extends KubeObject> {
  readonly resource: Resource;
  /** Names of the ConfigMaps that a spec names, in the function's namespace. */
  configMapsOf(object: T): readonly string[];
  /** Names of the ConfigMaps in which the operator keeps what others last held, by set. */
  keptOf?(object: T): ReadonlyMap<string, string>;
  /** Names of the Secrets that the operator makes for the object, in the function's namespace. */
  secretsOf?(object: T): readonly string[];
  /** How many seconds a terminating instance stays for its flows. */
  drainSecondsOf(object: T): number;
  /** Makes the namespace safe before the API server is asked: no packet may pass before a spec allows it. */
  start(context: StartContext): Promise<Instance<T>>;
}

/** What a function gets when it starts. */
export interface StartContext {
  readonly log: Logger;
  readonly registry: Registry;
  /** Name of this pod. */
  readonly pod: string;
}

/** A running function in its namespace. */
export interface Instance<T extends KubeObject> {
  /** Makes the kernel equal to the inputs. Called one at a time. */
  apply(inputs: Inputs<T>): Promise<Outcome>;
  /** The fields of `/report` besides generation, inputs and error. */
  report(): Promise<Readonly<Record<string, unknown>>>;
  /** Adds read-only HTTP routes beside those that all functions have. */
  routes?(app: Express): void;
  /** Whether a terminating instance is still needed. Absent: it is needed while a flow of a chain is tracked here. */
  isBusy?(): Promise<boolean>;
  /** Stops everything except the kernel, which goes on forwarding packets as before. */
  stop(): Promise<void>;
}

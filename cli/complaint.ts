// SPDX-License-Identifier: Apache-2.0
import { apiVersion, group, internalApiVersion, internalGroup } from '../api/names.ts';
import { plainText } from '../api/plain-text.ts';
import { ApiError, isNotFound } from '../kube/api-error.ts';

/**
 * An error that the user must correct before the question can be answered; the message says how. It may quote the
 * cluster, so it has no control characters.
 */
export class Complaint extends Error {
  override readonly name = 'Complaint';

  constructor(message: string) {
    super(plainText(message));
  }
}

/** A request to the API server, in the terms of its access rights. */
export interface Asked {
  readonly verb: 'get' | 'list' | 'watch' | 'create';
  /** As in a Role: `servicechains.heddle.dev`, `pods/proxy`. */
  readonly resource: string;
  /** Undefined: in all namespaces. */
  readonly namespace?: string | undefined;
}

/** Pure: whether the API server has refused a request because a right is missing. */
export function isForbidden(error: unknown): boolean {
  return error instanceof ApiError && error.status === 403;
}

/** Pure: `list servicechains.heddle.dev in namespace shop`. */
export function describeAsked({ verb, resource, namespace }: Asked): string {
  return `${verb} ${resource} in ${namespace === undefined ? 'all namespaces' : `namespace ${namespace}`}`;
}

/** Pure: turns an error of the API server into a sentence that says what to do; returns other errors unchanged. */
export function complainOf(error: unknown, asked: Asked): unknown {
  if (!(error instanceof ApiError)) return error;
  if (error.status === 0) return new Complaint(`the API server does not answer: ${error.message}`);
  if (error.status === 401) {
    return new Complaint('the API server refuses the credentials of the kubeconfig');
  }
  if (isForbidden(error)) return new Complaint(forbidden(asked));
  if (isNotFound(error) && asked.resource.endsWith(`.${internalGroup}`)) return new Complaint(OTHER_RELEASE);
  if (isNotFound(error) && asked.resource.endsWith(`.${group}`)) return new Complaint(NOT_INSTALLED);
  return new Complaint(`cannot ${describeAsked(asked)}: ${error.message}`);
}

export const NOT_INSTALLED = `Heddle is not installed in this cluster: it has no ${apiVersion} resources. See docs/install.md, or choose another cluster with --context`;

const OTHER_RELEASE = `The Heddle of this cluster is of another release than this kubectl-heddle: it has no ${internalApiVersion} resources. Use the kubectl-heddle of its release`;

function forbidden(asked: Asked): string {
  const narrower = asked.namespace === undefined ? ', or look at one namespace with -n NAMESPACE' : '';
  return `you may not ${describeAsked(asked)}: ask for a Role with verb "${asked.verb}" on "${asked.resource}"${narrower}`;
}

// SPDX-License-Identifier: Apache-2.0

import { timingSafeEqual } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { drainHeader } from '../../api/function-environment.ts';
import { parseReportKey, reportKeys, reportTls } from '../../api/report-key.ts';
import { type Access, isEncrypted, isLocal, type Refusal } from '../../kube/base/access.ts';

const FOREIGN: Refusal = {
  status: 426,
  message:
    'this is answered to the operator, inside the pod, and to kubectl port-forward; an older kubectl-heddle asks otherwise: upgrade it',
};

export interface FunctionAccessOptions {
  /** File with the key that the operator has too; undefined when the operator that made this pod had none. */
  readonly keyFile: string | undefined;
  /** The uid of the function's object, which the preStop hook sends; undefined while the object is not read. */
  readonly uid: () => string | undefined;
}

/**
 * Admits the operator, which proves that it has the key of this function, and requests from inside the pod, such as
 * those of `kubectl port-forward`. The kubelet's preStop hook, which has no key, may only wait for the end of the drain.
 */
export function createFunctionAccess({ keyFile, uid }: FunctionAccessOptions): Access {
  return {
    tls: {
      ...reportTls,
      pskCallback: (_socket, identity) =>
        (identity === reportKeys.identity && keyFile !== undefined && readKey(keyFile)) || null,
    },
    refuse: async (request) =>
      isEncrypted(request) || isLocal(request) || isHook(request, uid()) ? undefined : FOREIGN,
  };
}

/** The key as it is now: the kubelet replaces the file when the Secret changes. */
function readKey(file: string): Buffer | undefined {
  try {
    return parseReportKey(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}

/** Pure: whether this is the preStop hook of the container beside ours. Only who may read the pod knows its header. */
function isHook({ url, headers }: IncomingMessage, uid: string | undefined): boolean {
  const said = headers[drainHeader];
  if (url !== '/drained' || uid === undefined || typeof said !== 'string') return false;
  // Characters of a header may have two bytes; timingSafeEqual throws for lengths that differ.
  const [given, right] = [Buffer.from(said), Buffer.from(uid)];
  return given.length === right.length && timingSafeEqual(given, right);
}

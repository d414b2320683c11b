// SPDX-License-Identifier: Apache-2.0

import { functionVariables } from '../../../api/function-environment.ts';
import { annotations } from '../../../api/index.ts';
import { parseReportKey, type ReportChannel, reportKeyNameOf, reportKeys } from '../../../api/report-key.ts';
import type { Pod, Secret } from '../../observe/stores.ts';
import { ownedMetadata } from './metadata.ts';
import type { Desired, WorkloadOwner } from './types.ts';

const VOLUME = 'report-key';

/** The Secret with the key that the operator and the instances of a workload share. */
export function compileReportKey(owner: WorkloadOwner, key: Buffer): Desired {
  const secret = {
    apiVersion: 'v1',
    kind: 'Secret',
    type: 'Opaque',
    metadata: ownedMetadata(owner, reportKeyNameOf(owner.kind, owner.name)),
    data: { [reportKeys.entry]: Buffer.from(key.toString('hex')).toString('base64') },
  };
  return secret;
}

/** The key in a stored Secret; undefined when there is none. */
export function storedReportKey(secret: Secret | undefined): Buffer | undefined {
  const text = secret?.data?.[reportKeys.entry];
  return text === undefined ? undefined : parseReportKey(Buffer.from(text, 'base64').toString('latin1'));
}

/** What the pod of a workload needs in order to have the key: only our program's container gets it. */
export function reportKeyParts({ kind, name }: WorkloadOwner) {
  return {
    annotations: { [annotations.report]: 'key' },
    variable: { name: functionVariables.reportKey, value: `${reportKeys.directory}/${reportKeys.entry}` },
    mount: { name: VOLUME, mountPath: reportKeys.directory, readOnly: true },
    volume: { name: VOLUME, secret: { secretName: reportKeyNameOf(kind, name), defaultMode: 0o400 } },
  };
}

/**
 * How a pod is asked for its report: with the key of its workload; without one only if the operator of the release
 * before has made it. Undefined: it is not asked, because it could not prove whose instance it is.
 *
 * The operator makes the key before the first pod that has it. So a pod that has none is older than the key, and a
 * newer one without the annotation was not made by this operator.
 */
export function channelOf(pod: Pod, secret: Secret | undefined): ReportChannel | undefined {
  const key = storedReportKey(secret);
  if (pod.metadata.annotations[annotations.report] !== undefined) return key && { kind: 'Key', key };
  const keyMade = secret?.metadata?.creationTimestamp;
  const podMade = pod.metadata.creationTimestamp;
  if (keyMade === undefined || podMade === undefined) return { kind: 'Former' };
  return podMade <= keyMade ? { kind: 'Former' } : undefined;
}

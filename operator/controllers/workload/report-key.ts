// SPDX-License-Identifier: Apache-2.0
import { randomBytes } from 'node:crypto';
import { joinKey } from '../../../api/key.ts';
import { reportKeyNameOf, reportKeys } from '../../../api/report-key.ts';
import { ApiError, isAlreadyExists } from '../../../kube/api-error.ts';
import type { Writer } from '../../../kube/apply.ts';
import { resources } from '../../../kube/resource.ts';
import type { Secret } from '../../../kube/wire.ts';
import { compileReportKey, storedReportKey } from '../../compile/workload/report-key.ts';
import type { WorkloadOwner } from '../../compile/workload/types.ts';
import type { Stores } from '../../observe/stores.ts';
import { isOwned } from '../owned.ts';

/** The Secret with the key of a workload, if the workload owns it. */
export function observeReportKey(stores: Pick<Stores, 'secrets'>, owner: WorkloadOwner): Secret | undefined {
  const secret = stores.secrets.get(joinKey(owner.namespace, reportKeyNameOf(owner.kind, owner.name)));
  return isOwned(secret, { metadata: owner }) ? secret : undefined;
}

/**
 * Makes the key of a workload before the first pod that needs it. An existing key stays, because instances use it. A
 * Secret of this name that is somebody else's stays too. It counts as a refusal of the pods, because its key is known.
 */
export async function ensureReportKey(options: {
  readonly stores: Pick<Stores, 'secrets'>;
  readonly writer: Writer;
  readonly owner: WorkloadOwner;
}): Promise<void> {
  const { stores, writer, owner } = options;
  const stored = observeReportKey(stores, owner);
  if (storedReportKey(stored)) return;
  const wanted = compileReportKey(owner, randomBytes(reportKeys.length));
  if (stored) {
    const { resourceVersion, uid } = stored.metadata ?? {};
    await writer.apply(resources.secrets, {
      ...wanted,
      metadata: { ...wanted.metadata, resourceVersion, uid },
    });
    return;
  }
  try {
    await writer.create(resources.secrets, wanted);
  } catch (error) {
    if (!isAlreadyExists(error)) throw error;
    const { namespace, name, labels } = wanted.metadata;
    const ref = { resource: resources.secrets, namespace, name };
    const there = await writer.read<Secret>(ref);
    if (there && !isOwned(there, { metadata: owner })) {
      const message = `Secret ${namespace}/${name} is not of this ${owner.kind}: rename or delete it`;
      throw new ApiError({ status: 422, reason: 'Invalid', message, cause: error });
    }
    // The watch has not shown it yet, or never will because somebody took off the label by which it selects.
    const uid = there?.metadata?.uid;
    if (there) await writer.patch(ref, { metadata: { labels } }, { preconditions: { uid } });
  }
}

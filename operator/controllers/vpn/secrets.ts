// SPDX-License-Identifier: Apache-2.0
import { joinKey } from '../../../api/key.ts';
import { annotations } from '../../../api/names.ts';
import type { Vpn, VpnPeer } from '../../../api/vpn-objects.ts';
import { ApiError, isAlreadyExists } from '../../../kube/api-error.ts';
import type { Writer } from '../../../kube/apply.ts';
import { sameJson } from '../../../kube/base/same-json.ts';
import { resources } from '../../../kube/resource.ts';
import type { DesiredSecret } from '../../compile/vpn/secrets.ts';
import type { Secret, Stores } from '../../observe/stores.ts';
import { isOwned } from '../owned.ts';

/** The outcome for a Secret. `Taken`: another object has this name, and stays as it is. */
export type SecretOutcome = 'Made' | 'Kept' | 'Changed' | 'Taken';

interface Options {
  readonly stores: Pick<Stores, 'secrets'>;
  readonly writer: Writer;
  readonly owner: Vpn | VpnPeer;
  readonly wanted: DesiredSecret;
}

/**
 * Creates a Secret that does not exist. It never overwrites one, because keys in use would be lost. When another pass
 * or another leader made the Secret and the watch does not show it yet, the pass fails, and the next pass uses its
 * keys.
 */
export async function makeSecret({ stores, writer, owner, wanted }: Options): Promise<SecretOutcome> {
  const { namespace, name } = wanted.metadata;
  const seen = stores.secrets.get(joinKey(namespace, name));
  if (isOwned(seen, owner)) return 'Kept';
  try {
    await writer.create(resources.secrets, wanted);
    return 'Made';
  } catch (error) {
    if (!isAlreadyExists(error)) throw error;
    const there = await writer.read<Secret>({ resource: resources.secrets, namespace, name });
    const { kind } = wanted.metadata.ownerReferences[0];
    const isOfOurKind = there?.metadata?.ownerReferences?.some((each) => each.kind === kind);
    if (there && !isOfOurKind) return 'Taken';
    if (there && isOwned(there, owner)) await labelAgain(writer, there, wanted);
    // The Secret belongs to this owner, or to an earlier owner of the same name. The watch will show what becomes of
    // it.
    const message = `Secret ${name} is there and was not seen yet`;
    throw new ApiError({ status: 409, reason: 'Conflict', message, cause: error });
  }
}

/** Restores the labels of a Secret. The watch selects Secrets by label, and a user may have removed the labels. */
async function labelAgain(writer: Writer, { metadata }: Secret, wanted: DesiredSecret): Promise<void> {
  const { namespace, name, labels } = wanted.metadata;
  const ref = { resource: resources.secrets, namespace, name };
  await writer.patch(ref, { metadata: { labels } }, { preconditions: { uid: metadata?.uid } });
}

/** Updates a Secret that exists, only over the version that was read. */
export async function changeSecret({ stores, writer, owner, wanted }: Options): Promise<SecretOutcome> {
  const { namespace, name } = wanted.metadata;
  const seen = stores.secrets.get(joinKey(namespace, name));
  if (!seen || !isOwned(seen, owner) || isSame(seen, wanted)) return 'Kept';
  const { resourceVersion, uid } = seen.metadata ?? {};
  await writer.apply(resources.secrets, {
    ...wanted,
    metadata: { ...wanted.metadata, resourceVersion, uid },
  });
  return 'Changed';
}

function isSame(seen: Secret, { data, metadata }: DesiredSecret): boolean {
  const labels = Object.entries(metadata.labels);
  return (
    sameJson(seen.data ?? {}, data) &&
    seen.metadata?.annotations?.[annotations.fileChanged] ===
      metadata.annotations?.[annotations.fileChanged] &&
    labels.every(([name, value]) => seen.metadata?.labels?.[name] === value)
  );
}

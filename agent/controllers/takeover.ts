// SPDX-License-Identifier: Apache-2.0
import { detach, observeAttachments, pruneLinks, upgradePrograms } from '../apply/attachment.ts';
import { activateDataPath, pruneReleases } from '../apply/datapath.ts';
import { bytesKey } from '../render/keys.ts';
import { encodeU32 } from '../render/scalar.ts';
import { adoptAll, writeAdopted } from './adopt.ts';
import type { AgentContext } from './context.ts';
import { reconcileNetwork } from './network.ts';
import { reconcileInstances, reconcileVteps } from './reach.ts';

/**
 * Takes over a node from an earlier agent, which may have ended at any step. It adopts the interfaces that exist, writes the
 * state that the API wants now, gives every interface this release's programs, and only then deletes what is obsolete.
 * The order matters: at each step, packets that could flow before still can.
 */
export async function takeOver(
  context: AgentContext,
  { root, networkKeys }: { readonly root: string; readonly networkKeys: () => Iterable<string> },
): Promise<void> {
  const { kernel, dataPath, maps, log } = context;
  const found = await observeAttachments(kernel);
  const attachedSince = new Set(context.local.interfaces.keys());
  const strangers = adoptAll(context, found);
  for (const key of context.local.interfaces.keys()) {
    const id = context.stores.ports.get(key)?.spec.instance;
    // Maps of a new layout have no health to adopt: an instance that the earlier release used is taken to be up.
    if (id !== undefined && !attachedSince.has(key)) context.health.adopt(id, false);
  }
  await reconcileVteps(context);
  await reconcileInstances(context);
  for (const key of networkKeys()) {
    await reconcileNetwork(context, key).catch((error: unknown) => {
      // One network that cannot be rendered must not stop the others; its controller retries.
      log.error({ network: key, error }, 'network not taken over');
    });
  }
  await writeAdopted(context);
  await activateDataPath(kernel, dataPath);
  await upgradePrograms(kernel, dataPath.progsDir);
  for (const { hostName, podUid } of strangers) {
    log.info({ hostName, podUid }, 'removing an interface whose Port is gone');
    await detach({ kernel, hostName });
  }
  await pruneLinks({ kernel, linksDir: dataPath.linksDir });
  const here = [...context.local.interfaces.values()].flatMap(({ ifindex, right }) =>
    [ifindex, ...(right ? [right.ifindex] : [])].map((each) => bytesKey(encodeU32(each))),
  );
  await maps.sweep(new Set(here));
  await pruneReleases(dataPath, root);
}

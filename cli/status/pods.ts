// SPDX-License-Identifier: Apache-2.0
import { isOthersNetwork, type Key, keyOf, type Port, readPodNetworks } from '../../api/index.ts';
import { staticUidOf } from '../../api/static-pod.ts';
import type { KubeObject } from '../../kube/object.ts';
import { type Resource, resources } from '../../kube/resource.ts';
import type { WirePod } from '../../kube/wire.ts';
import type { Cluster } from '../cluster.ts';
import { Complaint } from '../complaint.ts';
import type { WaitingPod } from './world.ts';

/** For how many waiting pods the reason is looked up: one request each. */
const MOST_REASONS = 20;

interface WireEvent extends KubeObject {
  readonly reason?: string;
  readonly message?: string;
  readonly type?: string;
  readonly lastTimestamp?: string | null;
  readonly eventTime?: string | null;
}

/** Reads the scheduled pods that ask for networks and have no Port, with the last warning about each. */
export async function observeWaiting(
  cluster: Cluster,
  namespace: string | undefined,
  ports: readonly Port[],
): Promise<readonly WaitingPod[]> {
  const [pods, networks, definitions] = await Promise.all([
    cluster.list<WirePod>(resources.pods, { namespace }),
    keysOf(cluster, resources.virtualNetworks),
    keysOf(cluster, resources.attachmentDefinitions),
  ]);
  const isOthers = (key: Key) => isOthersNetwork(key, { networks, definitions });
  const waiting = selectWaiting(pods, ports, isOthers);
  return Promise.all(
    waiting.map(async (pod, index) => {
      const why = index < MOST_REASONS ? await lastWarning(cluster, pod) : undefined;
      return why === undefined ? pod : { ...pod, why };
    }),
  );
}

/** Names of all objects of a kind; none if the cluster does not have the kind, or the user may not list it. */
async function keysOf(cluster: Cluster, resource: Resource): Promise<ReadonlySet<Key>> {
  try {
    return new Set((await cluster.list(resource)).map(keyOf));
  } catch (error) {
    if (!(error instanceof Complaint)) throw error;
    return new Set();
  }
}

/** Pure: the pods that ask for networks of Heddle, are bound to a node, have not ended and have no Port. */
export function selectWaiting(
  pods: readonly WirePod[],
  ports: readonly Port[],
  isOthers: (network: Key) => boolean,
): readonly WaitingPod[] {
  const joined = new Set(ports.map(({ spec }) => spec.pod.uid));
  return pods.flatMap(({ metadata = {}, spec, status }) => {
    const { namespace = '', name = '', uid = '', creationTimestamp: createdAt = '' } = metadata;
    const asked = readPodNetworks({ namespace, annotations: metadata.annotations ?? {} }, isOthers);
    const asks = !asked.ok || asked.ours.length > 0;
    const runs = spec?.nodeName && status?.phase !== 'Succeeded' && status?.phase !== 'Failed';
    if (!asks || !runs || metadata.deletionTimestamp !== undefined || joined.has(uid)) return [];
    return [{ namespace, name, uid: staticUidOf(metadata) ?? uid, createdAt }];
  });
}

async function lastWarning(cluster: Cluster, pod: WaitingPod): Promise<string | undefined> {
  const query = { fieldSelector: `involvedObject.uid=${pod.uid},type=Warning` };
  try {
    const events = await cluster.list<WireEvent>(resources.events, { namespace: pod.namespace, query });
    return summarizeWarnings(events);
  } catch (error) {
    // Without the right to read Events the pod is named all the same.
    if (!(error instanceof Complaint)) throw error;
    return undefined;
  }
}

/** Pure: the newest warning of Heddle; warnings of the kubelet only repeat that the pod does not start. */
export function summarizeWarnings(events: readonly WireEvent[]): string | undefined {
  const ours = events.filter((event) => sourceOf(event).startsWith('heddle-'));
  const [last] = ours.toSorted((a, b) => (timeOf(a) < timeOf(b) ? 1 : -1));
  return last && `${last.reason}: ${last.message}`;
}

function sourceOf(event: WireEvent): string {
  const { reportingComponent, source } = event as {
    readonly reportingComponent?: string;
    readonly source?: { readonly component?: string };
  };
  return reportingComponent || source?.component || '';
}

function timeOf({ lastTimestamp, eventTime, metadata }: WireEvent): string {
  return lastTimestamp ?? eventTime ?? metadata?.creationTimestamp ?? '';
}

import { labels } from '../api/index.ts';
import type { KubeObject } from '../kube/object.ts';
import { objectPath, resources } from '../kube/resource.ts';
import type { Query } from '../kube/transport.ts';
import type { Cluster } from './cluster.ts';
import { complainOf } from './complaint.ts';

interface ContainerState {
  readonly waiting?: { readonly reason?: string; readonly message?: string };
  readonly terminated?: { readonly reason?: string };
}

/** A pod with as much as verbs need of it. */
export interface CliPod extends KubeObject {
  readonly spec?: {
    readonly nodeName?: string;
    readonly containers?: readonly {
      readonly name: string;
      readonly ports?: readonly { readonly name?: string; readonly containerPort: number }[];
    }[];
  };
  readonly status?: {
    readonly phase?: string;
    readonly conditions?: readonly {
      readonly type: string;
      readonly status: string;
      readonly message?: string;
    }[];
    readonly containerStatuses?: readonly { readonly name: string; readonly state?: ContainerState }[];
  };
}

const SELECTOR = `${labels.name}=heddle,${labels.component}=agent`;

/** The pods of the agents, one a node. */
export function listAgentPods(cluster: Cluster, systemNamespace: string): Promise<readonly CliPod[]> {
  return cluster.list<CliPod>(resources.pods, {
    namespace: systemNamespace,
    query: { labelSelector: SELECTOR },
  });
}

export function isPodReady(pod: CliPod): boolean {
  return pod.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') ?? false;
}

/** Why a pod is not ready, in a few words. */
export function whyNotReady(pod: CliPod): string {
  for (const { name, state } of pod.status?.containerStatuses ?? []) {
    const { waiting, terminated } = state ?? {};
    if (waiting?.reason) return `${name}: ${waiting.reason}`;
    if (terminated?.reason) return `${name}: ${terminated.reason}`;
  }
  return (
    pod.status?.conditions?.find(({ type, status }) => type === 'Ready' && status !== 'True')?.message ?? ''
  );
}

/**
 * Asks the program in a pod, by way of the API server: needs the right to `get pods/proxy` there, and nothing of the
 * network between this machine and the pod.
 */
export async function askPod<T>(
  cluster: Cluster,
  pod: CliPod,
  question: { readonly path: string; readonly query?: Query },
): Promise<T> {
  const { name = '', namespace } = pod.metadata ?? {};
  const port = httpPortOf(pod);
  const ref = { resource: resources.pods, namespace, name: `${name}:${port}` };
  try {
    return await cluster.transport.request<T>('GET', `${objectPath(ref, 'proxy')}${question.path}`, {
      timeoutMs: 10_000,
      ...(question.query ? { query: question.query } : {}),
    });
  } catch (error) {
    throw complainOf(error, { verb: 'get', resource: 'pods/proxy', namespace });
  }
}

/** The container port that is called `http`, as the chart and the operator call it. */
function httpPortOf(pod: CliPod): number {
  const ports = pod.spec?.containers?.flatMap((container) => container.ports ?? []) ?? [];
  const found = ports.find(({ name }) => name === 'http');
  if (!found) throw new Error(`pod ${pod.metadata?.name} has no container port named http`);
  return found.containerPort;
}

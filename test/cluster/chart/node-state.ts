// SPDX-License-Identifier: Apache-2.0
import { apply, exec, kubectl, list, readTarget } from '../../../tools/cluster/kubectl.ts';
import { waitForPod } from '../../../tools/cluster/workloads.ts';

export interface NodeState {
  /** Pins below /sys/fs/bpf/heddle. */
  readonly pins: readonly string[];
  /** Heddle's network devices. */
  readonly devices: readonly string[];
  /** Heddle's tables of nftables, in the node's own network namespace. */
  readonly tables: readonly string[];
}

/** Reads the state of every node by a pod on it, which is removed again. */
export async function nodeState(namespace: string): Promise<ReadonlyMap<string, NodeState>> {
  const nodes = (await list('nodes')).map(({ metadata }) => metadata.name);
  const states = new Map<string, NodeState>();
  for (const node of nodes) {
    const name = `look-${node}`;
    await apply([lookPod(name, node)], namespace);
    await waitForPod(name, namespace);
    const lines = async (command: string): Promise<string[]> => {
      const reply = await exec(name, ['sh', '-c', command], { namespace });
      if (reply.code !== 0) throw new Error(`${command} on ${node}: ${reply.stderr}`);
      return reply.stdout.split('\n').filter(Boolean);
    };
    states.set(node, {
      pins: await lines('[ ! -e /host/bpf/heddle ] || find /host/bpf/heddle'),
      tables: (await lines('nft list tables')).filter((table) => table === 'table inet heddle'),
      devices: (await lines('ls /sys/class/net')).filter((device) => /^(heddle|hd)/.test(device)),
    });
    await kubectl(['delete', 'pod', name, '--wait=false'], { namespace });
  }
  return states;
}

function lookPod(name: string, node: string): object {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name },
    spec: {
      nodeName: node,
      hostNetwork: true,
      terminationGracePeriodSeconds: 0,
      tolerations: [{ operator: 'Exists' }],
      containers: [
        {
          name: 'main',
          image: readTarget().image,
          imagePullPolicy: 'IfNotPresent',
          command: ['/bin/sleep', '86400'],
          securityContext: { privileged: true },
          volumeMounts: [{ name: 'bpf', mountPath: '/host/bpf', mountPropagation: 'HostToContainer' }],
        },
      ],
      volumes: [{ name: 'bpf', hostPath: { path: '/sys/fs/bpf', type: 'Directory' } }],
    },
  };
}

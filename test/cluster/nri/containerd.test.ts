// SPDX-License-Identifier: Apache-2.0
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { attach, detach, observeAttachments } from '../../../agent/apply/attachment.ts';
import { type PluginHandlers, type RuntimePod, runPlugin } from '../../../agent/nri/plugin.ts';
import { hostNameOf, renderAttachment } from '../../../agent/render/attachment.ts';
import { exec, kubectl, list, readTarget, tryKubectl } from '../../../tools/cluster/kubectl.ts';
import { useNamespace } from '../../../tools/cluster/namespace.ts';
import { eventually } from '../../../tools/cluster/wait.ts';
import { testPod, waitForPod } from '../../../tools/cluster/workloads.ts';
import { type Ground, missingForGround, openGround } from '../../kernel/attachment/ground.ts';
import { networkPort, node, shop } from '../../kernel/attachment/ports.ts';
import { needs, skipWhere } from '../../support/needs.ts';
import { isOurs } from '../resilience/nodes.ts';
import { findRuntimes, outsidePath, type RuntimeNode } from './containerd.ts';

/**
 * The plugin in a real containerd, on a worker of a local kind cluster: this process is the agent, and reaches
 * into the node from outside.
 */
function whatIsMissing(): string | undefined {
  if (!process.env.KUBECONFIG) return 'KUBECONFIG is not set: no cluster';
  const missing = missingForGround();
  if (missing !== undefined) return missing;
  return workerOf(findRuntimes()) === undefined ? 'no kind worker runs on this machine' : undefined;
}

function workerOf(runtimes: readonly RuntimeNode[]): RuntimeNode | undefined {
  // Of the cluster of KUBECONFIG: others may run on this machine too.
  return runtimes.find(({ node: name }) => nodes.includes(name) && !name.endsWith('-control-plane'));
}

const nodes = process.env.KUBECONFIG ? (await list('nodes')).map(({ metadata }) => metadata.name) : [];
describe('the plugin in a real containerd', {
  ...(isOurs ? needs(whatIsMissing()) : skipWhere(whatIsMissing())),
  timeout: 240_000,
}, () => {
  const namespace = useNamespace('nri');
  const refused = new Set<string>();
  const hookMs: number[] = [];
  const synchronized: RuntimePod[][] = [];
  let ground: Ground;
  let runtime: RuntimeNode;
  let stop: AbortController;
  let running: Promise<void>;

  const handlers: PluginHandlers = {
    synchronize: async (pods) => void synchronized.push([...pods]),
    runPodSandbox: (pod) => runPod(pod),
    createContainer: async () => undefined,
    stopPodSandbox: async () => undefined,
    removePodSandbox: (pod) => (isHere(pod) ? takeAway(pod.uid) : Promise.resolve()),
  };
  const isHere = (pod: RuntimePod) => pod.namespace === namespace;
  const takeAway = (uid: string) => detach({ kernel: ground.kernel, hostName: hostNameOf(uid, 'net1') });

  async function runPod(pod: RuntimePod): Promise<void> {
    if (!isHere(pod)) return;
    if (refused.has(pod.name)) throw new Error(`no address was allocated for ${pod.name} yet`);
    const began = performance.now();
    await attach({ kernel: ground.kernel, paths: ground, attachment: attachmentOf(pod) });
    hookMs.push(performance.now() - began);
  }

  function attachmentOf(pod: RuntimePod) {
    const port = networkPort({
      uid: pod.uid,
      addresses: ['10.20.0.5', 'fd20::5'],
      mac: '06:00:00:00:00:05',
    });
    return renderAttachment({ port, netnsPath: outsidePath(runtime, pod.netnsPath!), network: shop, node });
  }

  function start(): void {
    stop = new AbortController();
    const log = {
      info: () => undefined,
      warn: (fields: object, text: string) => console.warn(text, fields),
    };
    const { socketPath } = runtime;
    running = runPlugin({
      socketPath,
      name: 'heddletest',
      index: '12',
      handlers,
      log,
      signal: stop.signal,
    });
  }

  const interfacesOf = async (name: string) =>
    (await exec(name, ['cat', '/tmp/interfaces'], { namespace })).stdout;

  const startPod = (name: string) => {
    const pod = testPod({ name, node: runtime.node, script: LOOKS_AT_ITS_INTERFACES });
    return kubectl(['apply', '-f', '-'], { namespace, input: JSON.stringify(pod) });
  };

  beforeAll(async () => {
    runtime = workerOf(findRuntimes())!;
    ground = openGround({ nodeNetns: `/proc/${runtime.pid}/ns/net` });
    start();
    await eventually('the runtime synchronizes the plugin', () => synchronized.length > 0);
  });
  afterAll(async () => {
    await tryKubectl(['delete', 'pods', '--all', '--timeout=60s'], { namespace, timeoutMs: 70_000 });
    stop?.abort();
    await running;
    await ground?.close();
  });

  it("puts the interface into the pod before the pod's first process looks", async () => {
    await startPod('early');
    await waitForPod('early', namespace);
    const seen = await interfacesOf('early');
    expect(seen).toContain('net1');
    expect(seen).toContain('10.20.0.5');
    expect(hookMs).toHaveLength(1);
    console.info(
      `attached in the hook of containerd in ${hookMs[0]!.toFixed(1)} ms (image ${readTarget().image})`,
    );
  });

  it('keeps a pod from starting while its interface cannot be made, and says why; it starts once it can', async () => {
    refused.add('late');
    await startPod('late');
    const events = () => kubectl(['get', 'events', '-o', 'json'], { namespace });
    await eventually('the pod has an Event', async () =>
      (await events()).includes('heddle: no address was allocated for late yet'),
    );
    const phase = await kubectl(['get', 'pod', 'late', '-o', 'jsonpath={.status.phase}'], { namespace });
    expect(phase).toBe('Pending');
    refused.delete('late');
    await waitForPod('late', namespace);
    expect(await interfacesOf('late')).toContain('net1');
  });

  it('is told the pods that run, with their namespaces, when it comes back', async () => {
    stop.abort();
    await running;
    const before = synchronized.length;
    start();
    await eventually('the runtime synchronizes the plugin again', () => synchronized.length > before);
    const pods = synchronized.at(-1)!.filter(isHere);
    expect(pods.map(({ name }) => name).sort()).toEqual(['early', 'late']);
    for (const pod of pods) {
      const again = await attach({ kernel: ground.kernel, paths: ground, attachment: attachmentOf(pod) });
      expect(again.created).toBe(false);
    }
  });

  it('leaves no interface on the node when the pod is gone', async () => {
    const uid = await kubectl(['get', 'pod', 'late', '-o', 'jsonpath={.metadata.uid}'], { namespace });
    await kubectl(['delete', 'pod', 'late', '--timeout=60s'], { namespace, timeoutMs: 70_000 });
    await eventually('the host side is gone', async () =>
      (await observeAttachments(ground.kernel)).every(({ podUid }) => podUid !== uid),
    );
  });
});

/** Writes down what its interfaces are as its very first act. */
const LOOKS_AT_ITS_INTERFACES = `
require('node:fs').writeFileSync('/tmp/interfaces', JSON.stringify(require('node:os').networkInterfaces()));
process.on('SIGTERM', () => process.exit(0));
setInterval(() => {}, 1000);`;

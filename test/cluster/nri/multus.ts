// SPDX-License-Identifier: Apache-2.0
import { createReadStream, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadAll } from 'js-yaml';
import { apply, get, kubectl, readTarget, tryKubectl } from '../../../tools/cluster/kubectl.ts';
import { eventually } from '../../../tools/cluster/wait.ts';
import { testPod, waitForPod } from '../../../tools/cluster/workloads.ts';
import { binaries } from '../../../tools/kind/binaries.ts';
import { detectEngine } from '../../../tools/kind/engine/detect.ts';
import { multusModule } from '../../../tools/kind/paths.ts';
import { createProgress } from '../../../tools/kind/progress.ts';
import { createShell } from '../../../tools/kind/shell.ts';
import { MULTUS, multusPrograms } from '../../../tools/suite/multus.ts';
import { onNode } from '../resilience/nodes.ts';

interface Manifest {
  readonly kind: string;
  readonly metadata: { readonly name: string; namespace?: string };
  readonly subjects?: { namespace?: string }[];
  readonly spec?: {
    readonly template?: { readonly spec: PodSpec };
  };
}

interface PodSpec {
  nodeSelector?: object;
  initContainers?: readonly object[];
  readonly containers: {
    image: string;
    command: readonly string[];
    args: readonly string[];
    resources?: object;
  }[];
}

export interface Installation {
  remove(): Promise<void>;
}

/**
 * Installs Multus on one node by the manifests that it ships (`deployments/multus-daemonset.yml`, its thin plugin).
 * Resolves when the container runtime uses it.
 */
export async function installMultus(where: {
  readonly node: string;
  readonly namespace: string;
}): Promise<Installation> {
  const { node, namespace } = where;
  const own = { namespace };
  for (const name of MULTUS) await copyToNode(node, join(multusPrograms(), name), `/opt/cni/bin/${name}`);
  const manifests = await manifestsFor(where);
  const definition = manifests.find(({ kind }) => kind === 'CustomResourceDefinition')!.metadata.name;
  await apply(manifests, namespace);
  await kubectl(['wait', '--for=condition=Established', `crd/${definition}`]);
  await kubectl(['rollout', 'status', 'daemonset/kube-multus-ds', '--timeout=120s'], own);
  await untilUsed(where);
  return {
    async remove() {
      // The pods of the test go first: the runtime asks the CNI that it has to take their interfaces away.
      await tryKubectl(['delete', 'pods', '-l', 'heddle.dev/test', '--timeout=60s'], {
        ...own,
        timeoutMs: 70_000,
      });
      await tryKubectl(['delete', 'daemonset', '--all', '--cascade=foreground', '--timeout=60s'], {
        ...own,
        timeoutMs: 70_000,
      });
      await tryKubectl(['delete', 'clusterrole,clusterrolebinding', 'multus']);
      await tryKubectl(['delete', 'crd', definition, '--timeout=60s'], { timeoutMs: 70_000 });
      const files = ['00-multus.conf', '00-multus.conflist', 'multus.d'].map(
        (name) => `/etc/cni/net.d/${name}`,
      );
      const programs = MULTUS.map((name) => `/opt/cni/bin/${name}`);
      await onNode(node, ['rm', '-rf', ...files, ...programs, '/etc/cni/multus', '/var/lib/cni/multus']);
    },
  };
}

/** Changed only in what no registry serves here: the image, and the container that copies its program to the node. */
async function manifestsFor(where: {
  readonly node: string;
  readonly namespace: string;
}): Promise<readonly Manifest[]> {
  const module = 'gopkg.in/k8snetworkplumbingwg/multus-cni.v4';
  const folder = await binaries(multusModule).moduleDirectory(createProgress('multus'), module);
  const text = readFileSync(join(folder, 'deployments/multus-daemonset.yml'), 'utf8');
  const manifests = loadAll(text) as Manifest[];
  for (const { metadata, subjects, spec } of manifests) {
    if (metadata.namespace) metadata.namespace = where.namespace;
    for (const subject of subjects ?? []) subject.namespace = where.namespace;
    const pod = spec?.template?.spec;
    if (!pod) continue;
    pod.nodeSelector = { 'kubernetes.io/hostname': where.node };
    pod.initContainers = [];
    const [container] = pod.containers;
    if (!container) throw new Error('Multus ships a DaemonSet without a container');
    const programs = '/host/opt/cni/bin';
    container.image = readTarget().image;
    container.command = [`${programs}/thin_entrypoint`];
    container.args = [
      ...container.args,
      `--multus-bin-file=${programs}/multus`,
      '--skip-multus-binary-copy',
      '--cleanup-config-on-exit',
    ];
    container.resources = {};
  }
  return manifests;
}

/** Multus writes the annotation network-status of every pod that starts by it, and nobody else does for this one. */
async function untilUsed({ node, namespace }: { readonly node: string; readonly namespace: string }) {
  const annotation = 'k8s.v1.cni.cncf.io/network-status';
  let attempt = 0;
  await eventually(
    'the container runtime starts pods by Multus',
    async () => {
      attempt += 1;
      const name = `probe-${attempt}`;
      await apply([testPod({ name, node })], namespace);
      await waitForPod(name, namespace);
      return (await get('pod', name, namespace)).metadata.annotations?.[annotation] !== undefined;
    },
    { timeoutMs: 120_000 },
  );
}

/** The runtime's directories get finished files only, by a rename inside them: containerd does not see other moves. */
async function copyToNode(node: string, from: string, to: string): Promise<void> {
  const engine = await detectEngine(createShell());
  if (!engine) throw new Error('no container engine answers');
  const script = `cat > ${to}.new && chmod 0755 ${to}.new && mv ${to}.new ${to}`;
  await createShell().run(engine.kind, ['exec', '-i', node, 'sh', '-c', script], {
    env: engine.env,
    input: createReadStream(from),
  });
}

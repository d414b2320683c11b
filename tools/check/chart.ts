// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { loadAll } from 'js-yaml';
import { systemNamespace } from '../../api/names.ts';
import { listFiles } from '../build/files.ts';
import { checkContainers, type MakesPods, privilegedOf } from './containers.ts';
import { renderMonitoring } from './monitoring.ts';
import { checkPolicies, type Policy } from './policies.ts';

/** Values that the chart's schema must refuse: typical mistakes of users. */
export const refusedValues: readonly string[] = [
  'replicas=3',
  'operator.replicas=0',
  'operator.httpPort=80',
  'operator.image.pullPolicy=Sometimes',
  'operator.image.digest=latest',
  'image.registry=example.com/heddle/',
  'image.tag=',
  'image.digest=latest',
  'agent.vxlanPort=vxlan',
  'agent.vxlanPort=70000',
  'agent.underlayDevices={eth0 and eth1}',
  'agent.nriSocket=nri.sock',
  'agent.maxUnavailable=0',
  'agent.mountBpffs=Sometimes',
  'networkPolicies.enabled=yes',
  'networkPolicies.from[0].namespace=monitoring',
  'agent.resources.memory=1Gi',
  'functions.firewal.image.tag=dev',
  'functions.firewall.image.tag=',
  'logLevel=verbose',
  'clusterRanges=10.96.0.0/16',
  'clusterRanges={10.96.0.0}',
  'admission.enabled=perhaps',
  'admission.controllers=replicaset-controller',
  'limits.portsPerNamespace=0',
  'limits.ports=10',
  'cleanup.deadlineSeconds=0',
  'metrics.enabled=true',
  'metrics.rules.enabled=perhaps',
  'metrics.rules.runbooks=alerts.md',
  'metrics.serviceMonitor.interval=often',
  'metrics.dashboards.labels=grafana',
];

interface Rule {
  readonly apiGroups?: readonly string[];
  readonly resources?: readonly string[];
  readonly verbs?: readonly string[];
}

interface Manifest extends MakesPods {
  readonly metadata: { readonly name: string; readonly labels?: Readonly<Record<string, string>> };
  readonly rules?: readonly Rule[];
  readonly spec?: { readonly group?: string; readonly names?: { readonly plural: string } };
}

/** Lints and renders the chart, and checks what it would install. */
export async function checkChart(root: string, helm: string): Promise<readonly string[]> {
  const chart = join(root, 'charts/heddle');
  const lint = await execa(helm, ['lint', '--strict', '--quiet', chart], { reject: false, all: true });
  if (lint.exitCode !== 0) return [lint.all];
  const rendered = await render(helm, chart, []);
  if (rendered.exitCode !== 0) return [rendered.stderr];
  const manifests = loadAll(rendered.stdout).filter((manifest) => manifest !== null) as Manifest[];
  const crds = listFiles(join(root, 'crds')).filter((file) => file.endsWith('.yaml'));
  const problems = [...checkManifests(manifests), ...checkCrds(manifests, readKinds(root, crds))];
  problems.push(...checkContainers(manifests), ...(await checkHardening(helm, chart)));
  problems.push(...checkPolicies(manifests as unknown as readonly Policy[]));
  problems.push(...(await checkImageValues(helm, chart)));
  const monitoring = await renderMonitoring(
    (args) => render(helm, chart, args),
    readFileSync(join(root, 'docs/troubleshooting.md'), 'utf8'),
  );
  problems.push(...monitoring.problems, ...checkManifests(monitoring.manifests as readonly Manifest[]));
  for (const value of refusedValues) {
    const result = await render(helm, chart, ['--set', value]);
    if (result.exitCode === 0) problems.push(`values.schema.json lets --set ${value} through`);
  }
  return problems;
}

/** The values that have an image. */
const IMAGES = [
  'operator',
  'agent',
  ...['firewall', 'loadbalancer', 'custom', 'vpn'].map((name) => `functions.${name}`),
];

const elsewhere = { registry: 'registry.example/team/heddle', tag: 'v1.2.3' };

/** Renders the chart with the values that harden it, and without the privileged step. */
async function checkHardening(helm: string, chart: string): Promise<readonly string[]> {
  const values = [
    'agent.mountBpffs=false',
    'networkPolicies.enabled=true',
    'networkPolicies.from[0].namespaceSelector.matchLabels.name=monitoring',
  ];
  const rendered = await render(helm, chart, ['--set', values.join(',')]);
  if (rendered.exitCode !== 0) return [rendered.stderr];
  const manifests = loadAll(rendered.stdout).filter((manifest) => manifest !== null) as Manifest[];
  const privileged = privilegedOf(manifests).map((name) => `${name} is privileged without agent.mountBpffs`);
  const policies = manifests.filter(({ kind }) => kind === 'NetworkPolicy');
  return policies.length > 0 ? privileged : [...privileged, 'networkPolicies.enabled makes no NetworkPolicy'];
}

/** Renders the chart with other images: one value each for registry and tag, and a digest for each component. */
async function checkImageValues(helm: string, chart: string): Promise<readonly string[]> {
  const digest = `sha256:${'0'.repeat(64)}`;
  const values = [`image.registry=${elsewhere.registry}`, `image.tag=${elsewhere.tag}`];
  const all = await render(helm, chart, ['--set', values.join(',')]);
  const digests = IMAGES.map((image) => `${image}.image.digest=${digest}`);
  const fixed = await render(helm, chart, ['--set', digests.join(',')]);
  const loose = imagesOf(fixed.stdout).filter((image) => !image.endsWith(`@${digest}`));
  const problems = loose.map((image) => `${image} has a tag although all images have digests`);
  return [...problems, ...checkImages(imagesOf(all.stdout), elsewhere)];
}

/** Pure: the images of containers, and those that the operator uses for functions. */
export function imagesOf(rendered: string): readonly string[] {
  const lines = rendered.split('\n');
  return lines.flatMap((line, index) => {
    const image = /^ *(?:- )?image: (\S+)$/.exec(line)?.[1];
    if (image) return [image];
    if (!line.includes('- name: HEDDLE_IMAGE_')) return [];
    return [lines[index + 1]?.replace(/^ *value: /, '') ?? ''];
  });
}

/** Pure: every image follows `image.registry` and `image.tag`. */
export function checkImages(
  images: readonly string[],
  { registry, tag }: { readonly registry: string; readonly tag: string },
): readonly string[] {
  if (images.length === 0) return ['the chart names no image'];
  return images
    .filter((image) => !image.startsWith(`${registry}/`) || !image.endsWith(`:${tag}`))
    .map((image) => `${image} does not follow image.registry and image.tag`);
}

function render(helm: string, chart: string, args: readonly string[]) {
  return execa(helm, ['template', 'heddle', chart, '--namespace', systemNamespace, ...args], {
    reject: false,
    maxBuffer: 64 * 1024 * 1024,
  });
}

/** A kind, in the terms that rules of roles use. */
export interface Kind {
  readonly group: string;
  readonly plural: string;
}

function readKinds(root: string, files: readonly string[]): readonly Kind[] {
  return files.map((file) => {
    const { spec } = loadAll(readFileSync(join(root, 'crds', file), 'utf8'))[0] as Manifest;
    return { group: spec?.group ?? '', plural: spec?.names?.plural ?? file };
  });
}

/** Pure: no wildcard in any role, and the recommended labels on everything. */
export function checkManifests(manifests: readonly Manifest[]): readonly string[] {
  return manifests.flatMap((manifest) => {
    const name = `${manifest.kind} ${manifest.metadata.name}`;
    const problems: string[] = [];
    for (const rule of manifest.rules ?? []) {
      const words = [...(rule.apiGroups ?? []), ...(rule.resources ?? []), ...(rule.verbs ?? [])];
      if (words.some((word) => word.includes('*'))) problems.push(`${name} has a wildcard`);
    }
    if (manifest.metadata.labels?.['app.kubernetes.io/name'] !== 'heddle') {
      problems.push(`${name} lacks the label app.kubernetes.io/name: heddle`);
    }
    return problems;
  });
}

/** Pure: every kind of `crds/` is installed, the operator may read it, and the uninstall hook deletes it. */
export function checkCrds(manifests: readonly Manifest[], kinds: readonly Kind[]): readonly string[] {
  const mayTouch = (role: string, { group, plural }: Kind): boolean =>
    manifests
      .filter((manifest) => manifest.kind === 'ClusterRole' && manifest.metadata.name === role)
      .flatMap((manifest) => manifest.rules ?? [])
      .some((rule) => rule.apiGroups?.includes(group) && rule.resources?.includes(plural));
  const problems: string[] = [];
  for (const kind of kinds) {
    const name = `${kind.plural}.${kind.group}`;
    const installed = manifests.some(
      (manifest) => manifest.kind === 'CustomResourceDefinition' && manifest.metadata.name === name,
    );
    if (!installed) problems.push(`crds/: ${name} is not in the chart`);
    if (!mayTouch('heddle-operator', kind)) problems.push(`the operator may not read ${name}`);
    if (!mayTouch('heddle-cleanup', kind)) problems.push(`uninstalling does not delete ${name}`);
  }
  return problems;
}

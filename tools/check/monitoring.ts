// SPDX-License-Identifier: Apache-2.0
import { loadAll } from 'js-yaml';

/** Values of the chart that need a kind of the Prometheus Operator, and that kind. */
const MONITORING = [
  ['serviceMonitor', 'ServiceMonitor'],
  ['podMonitor', 'PodMonitor'],
  ['rules', 'PrometheusRule'],
] as const;

interface Manifest {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly labels?: Readonly<Record<string, string>> };
  readonly data?: Readonly<Record<string, string>>;
}

interface Rendered {
  readonly exitCode?: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

/** Renders monitors, rules and dashboards: refused in words where their kinds are missing, otherwise there. */
export async function renderMonitoring(
  render: (args: readonly string[]) => Promise<Rendered>,
): Promise<{ readonly problems: readonly string[]; readonly manifests: readonly unknown[] }> {
  const problems: string[] = [];
  for (const [value, kind] of MONITORING) {
    const { exitCode, stderr } = await render(['--set', `metrics.${value}.enabled=true`]);
    const says = stderr.includes(`metrics.${value}.enabled: this cluster has no kind ${kind}`);
    if (exitCode === 0 || !says) problems.push(`metrics.${value} does not say that ${kind} is missing`);
  }
  const apis = MONITORING.flatMap(([, kind]) => ['--api-versions', `monitoring.coreos.com/v1/${kind}`]);
  const values = [...MONITORING.map(([value]) => value), 'dashboards'];
  const enabled = values.map((value) => `metrics.${value}.enabled=true`).join(',');
  const { exitCode, stdout, stderr } = await render([...apis, '--set', enabled]);
  if (exitCode !== 0) return { problems: [...problems, stderr], manifests: [] };
  const manifests = loadAll(stdout).filter((manifest) => manifest !== null) as Manifest[];
  return { problems: [...problems, ...checkMonitoring(manifests)], manifests };
}

/** Pure: every kind of object that watches Heddle is there, and every dashboard can be read. */
export function checkMonitoring(manifests: readonly Manifest[]): readonly string[] {
  const problems = MONITORING.filter(([, kind]) => !manifests.some((manifest) => manifest.kind === kind)).map(
    ([value, kind]) => `metrics.${value} makes no ${kind}`,
  );
  const dashboards = manifests.filter(({ metadata }) => metadata.labels?.grafana_dashboard === '1');
  if (dashboards.length === 0) problems.push('metrics.dashboards makes no ConfigMap');
  for (const { metadata, data = {} } of dashboards) {
    const unreadable = Object.values(data).filter((text) => !isJson(text));
    if (unreadable.length > 0) problems.push(`ConfigMap ${metadata.name} has a dashboard that is no JSON`);
  }
  return problems;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

// SPDX-License-Identifier: Apache-2.0
import { load, loadAll } from 'js-yaml';

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
  readonly spec?: {
    readonly podMetricsEndpoints?: readonly { readonly relabelings?: readonly Relabeling[] }[];
  };
}

interface Rendered {
  readonly exitCode?: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Renders monitors, rules and dashboards: refused in words where their kinds are missing, otherwise there. `page` has the
 * configuration for those without the Prometheus Operator.
 */
export async function renderMonitoring(
  render: (args: readonly string[]) => Promise<Rendered>,
  page: string,
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
  problems.push(...checkMonitoring(manifests), ...checkRelabelings(manifests, readRelabelings(page)));
  return { problems, manifests };
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

/** A rule of relabeling, as Prometheus writes its fields. */
export type Relabeling = Readonly<Record<string, unknown>>;

/** Pure: the PodMonitor gives functions the same address and labels as the configuration that the docs have. */
export function checkRelabelings(
  manifests: readonly Manifest[],
  documented: readonly Relabeling[],
): readonly string[] {
  const [endpoint] = manifests.find(({ kind }) => kind === 'PodMonitor')?.spec?.podMetricsEndpoints ?? [];
  const ours = (endpoint?.relabelings ?? []).map(asPrometheusWrites);
  // What the Prometheus Operator does by itself, or by other fields of the monitor.
  const isImplied = ({ target_label: target, regex }: Relabeling) =>
    ['namespace', 'pod', 'job'].includes(String(target)) || regex === 'function';
  const lacks = (all: readonly Relabeling[], rule: Relabeling) => !all.some((each) => sameRule(each, rule));
  return [
    ...ours
      .filter((rule) => !isImplied(rule) && lacks(documented, rule))
      .map((rule) => `docs: no ${show(rule)}`),
    ...documented
      .filter((rule) => !isImplied(rule) && lacks(ours, rule))
      .map((rule) => `PodMonitor heddle-functions: no ${show(rule)}`),
  ];
}

function asPrometheusWrites(rule: Relabeling): Relabeling {
  const snake = (name: string) => name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
  return Object.fromEntries(Object.entries(rule).map(([name, value]) => [snake(name), value]));
}

function sameRule(one: Relabeling, other: Relabeling): boolean {
  return show(one) === show(other);
}

function show(rule: Relabeling): string {
  return JSON.stringify(Object.entries(rule).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Pure: the relabeling of functions in the page of the docs. */
export function readRelabelings(page: string): readonly Relabeling[] {
  const text = /```yaml\n(scrape_configs:\n[\s\S]*?)```/.exec(page)?.[1] ?? '{}';
  const { scrape_configs: scrapes = [] } = load(text) as {
    readonly scrape_configs?: readonly {
      readonly job_name: string;
      readonly relabel_configs: readonly Relabeling[];
    }[];
  };
  return scrapes.find(({ job_name }) => job_name === 'heddle-functions')?.relabel_configs ?? [];
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

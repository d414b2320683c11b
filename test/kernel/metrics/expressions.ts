// SPDX-License-Identifier: Apache-2.0
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { load } from 'js-yaml';

const FILES = resolve(import.meta.dirname, '../../../charts/heddle/files');
export const RULES = join(FILES, 'rules.yaml');

export interface Alert {
  readonly alert: string;
  readonly expr: string;
  readonly for: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

/** An expression of PromQL, and where it is. */
export interface Expression {
  readonly where: string;
  readonly expr: string;
}

export function readAlerts(): readonly Alert[] {
  const { groups } = load(readFileSync(RULES, 'utf8')) as {
    readonly groups: readonly { readonly rules: readonly Alert[] }[];
  };
  return groups.flatMap(({ rules }) => rules);
}

interface Dashboard {
  readonly title: string;
  readonly panels: readonly {
    readonly title: string;
    readonly targets: readonly { readonly expr: string }[];
  }[];
  readonly templating: {
    readonly list: readonly { readonly name: string; readonly query: string | { readonly query: string } }[];
  };
}

/** The expressions of all panels, with Grafana's variables; and the queries that give the variables their values. */
export function readPanels(): {
  readonly panels: readonly Expression[];
  readonly variables: readonly Expression[];
} {
  const dashboards = readdirSync(join(FILES, 'dashboards')).map(
    (file) => JSON.parse(readFileSync(join(FILES, 'dashboards', file), 'utf8')) as Dashboard,
  );
  const panels = dashboards.flatMap(({ title, panels: all }) =>
    all.flatMap((panel) => panel.targets.map(({ expr }) => ({ where: `${title}: ${panel.title}`, expr }))),
  );
  const variables = dashboards.flatMap(({ title, templating }) =>
    templating.list.flatMap(({ name, query }) => {
      const found =
        typeof query === 'string' ? undefined : /^label_values\((.*), \w+\)$/.exec(query.query)?.[1];
      return found === undefined ? [] : [{ where: `${title}: $${name}`, expr: found }];
    }),
  );
  return { panels, variables };
}

/** Pure: an expression with values in place of Grafana's variables. */
export function fill(expr: string, variables: Readonly<Record<string, string>>): string {
  return Object.entries(variables).reduce((text, [name, value]) => text.replaceAll(`$${name}`, value), expr);
}

const KEYWORDS = new Set(['and', 'or', 'unless', 'offset', 'bool', 'by', 'without', 'on', 'ignoring']);

/** A metric that an expression names, with the labels by which it selects series. */
export interface Selector {
  readonly metric: string;
  readonly labels: readonly string[];
}

/** Pure: the selectors of an expression of PromQL. */
export function selectorsOf(expr: string): readonly Selector[] {
  const bare = expr
    .replaceAll(/"[^"]*"/g, '""')
    .replaceAll(/\b(by|without|on|ignoring)\s*\([^)]*\)/g, ' ')
    .replaceAll(/\[[^\]]*\]/g, ' ')
    .replaceAll(/\boffset\s+\w+/g, ' ');
  return [...bare.matchAll(/([a-zA-Z_:][\w:]*)\s*(\{[^}]*\})?(\s*\()?/g)].flatMap(
    ([, metric = '', braces = '', call]) => {
      if (call !== undefined || KEYWORDS.has(metric)) return [];
      return [{ metric, labels: [...braces.matchAll(/(\w+)\s*(?:=|!)/g)].map(([, label = '']) => label) }];
    },
  );
}

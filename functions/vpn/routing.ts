// SPDX-License-Identifier: Apache-2.0
import { FAMILIES, type Family } from '../../api/net/address.ts';
import { ToolError, type Tools } from '../shared/tools.ts';
import { OWN_TABLE, TENANT_MARK, TENANT_TABLE } from './names.ts';

/** The routing rules, as `ip rule` takes them. */
const RULES: readonly string[] = [
  // Tenants' packets, and what the kernel answers to them, have a table of their own; the local table comes after it.
  `pref 0 fwmark ${TENANT_MARK}/${TENANT_MARK} lookup ${TENANT_TABLE}`,
  'pref 1 lookup local',
  // The main table has the routes of the tenant's network, which may overlap the cluster's own, so no rule uses it.
  `pref 2 lookup ${OWN_TABLE}`,
  'pref 3 unreachable',
];

/** The rule of the local table, at preference 0, with which every namespace begins. */
const BEGINNING = 'pref 0 lookup local';

interface IpRule {
  readonly priority: number;
  readonly fwmark?: string;
  readonly table?: string;
  readonly action?: string;
}

/** Makes the routing rules, and the tables that they name, equal to what is wanted. */
export async function applyRouting(
  tools: Tools,
  wanted: Readonly<Record<'tenant' | 'own', Readonly<Record<Family, readonly string[]>>>>,
): Promise<void> {
  for (const family of FAMILIES) {
    // The tables come first, so that no packet meets a rule whose table is empty.
    await applyTable(tools, { family, table: OWN_TABLE, routes: wanted.own[family] });
    await applyTable(tools, { family, table: TENANT_TABLE, routes: wanted.tenant[family] });
    await applyRules(tools, family);
  }
}

async function applyRules(tools: Tools, family: Family): Promise<void> {
  const text = await tools.run('ip', [`-${family}`, '-j', 'rule', 'show']);
  const present = (JSON.parse(text) as readonly IpRule[]).map(formatRule);
  const lines = [
    ...RULES.filter((rule) => !present.includes(rule)).map((rule) => `rule add ${rule}`),
    ...(present.includes(BEGINNING) ? [`rule del ${BEGINNING}`] : []),
  ];
  await batch(tools, family, lines);
}

/** Pure: formats a rule of `ip -j rule` as `ip rule` takes it. */
export function formatRule({ priority, fwmark, table, action }: IpRule): string {
  const mark = fwmark ? `fwmark ${fwmark}/${fwmark} ` : '';
  return `pref ${priority} ${mark}${table ? `lookup ${table}` : action}`;
}

interface Route {
  readonly type?: string;
  readonly dst: string;
  readonly dev?: string;
  readonly metric?: number;
}

async function applyTable(
  tools: Tools,
  options: { readonly family: Family; readonly table: number; readonly routes: readonly string[] },
): Promise<void> {
  const { family, table, routes } = options;
  const present = await showTable(tools, family, table);
  await batch(tools, family, planTable(present, routes, table));
}

async function showTable(tools: Tools, family: Family, table: number): Promise<readonly Route[]> {
  try {
    const text = await tools.run('ip', [`-${family}`, '-j', 'route', 'show', 'table', String(table)]);
    return text.trim() === '' ? [] : (JSON.parse(text) as readonly Route[]);
  } catch (error) {
    // The table never had a route.
    if (error instanceof ToolError && /does not exist/.test(error.message)) return [];
    throw error;
  }
}

/** Pure: the lines for `ip -batch` that make a table hold these routes and no others. */
export function planTable(
  present: readonly Route[],
  routes: readonly string[],
  table: number,
): readonly string[] {
  const wanted = new Set(routes.map(keyOf));
  const there = new Set(present.map((route) => keyOf(textOf(route))));
  const stray = present.filter((route) => !wanted.has(keyOf(textOf(route))));
  return [
    ...routes
      .filter((route) => !there.has(keyOf(route)))
      .map((route) => `route replace ${route} table ${table}`),
    ...stray.map((route) => `route del ${textOf(route)} table ${table}`),
  ];
}

function textOf({ type, dst, dev, metric }: Route): string {
  const kind = type && type !== 'unicast' ? `${type} ` : '';
  const out = dev && type !== 'unreachable' ? ` dev ${dev}` : '';
  return `${kind}${dst}${out}${metric ? ` metric ${metric}` : ''}`;
}

/**
 * The key by which the kernel distinguishes routes of one table, as far as it matters here: kind, destination and
 * interface.
 */
function keyOf(route: string): string {
  const words = route.split(' ');
  const kind = ['local', 'unreachable'].includes(words[0] ?? '') ? words.shift() : 'unicast';
  const dst = (words[0] ?? '').replace(/\/(32|128)$/, '');
  const dev = kind === 'unreachable' ? '' : (words[words.indexOf('dev') + 1] ?? '');
  return `${kind} ${dst} ${dev}`;
}

async function batch(tools: Tools, family: Family, lines: readonly string[]): Promise<void> {
  if (lines.length === 0) return;
  await tools.runWith('ip', [`${lines.join('\n')}\n`], ([file]) => [`-${family}`, '-batch', file!]);
}

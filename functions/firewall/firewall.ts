// SPDX-License-Identifier: Apache-2.0
import { checkFirewall } from '../../api/firewall-check.ts';
import { listSourcesOf } from '../../api/firewall-lists.ts';
import { keptListNameOf } from '../../api/function-names.ts';
import type { Firewall } from '../../api/index.ts';
import type { Logger } from '../../kube/base/log.ts';
import type { Registry } from '../../kube/base/metrics.ts';
import { resources } from '../../kube/resource.ts';
import { CounterTotals, type CounterValue } from '../shared/nft/counters.ts';
import { KernelTable } from '../shared/nft/kernel-table.ts';
import { createNft, NftError } from '../shared/nft/nft.ts';
import { FieldFailure, type Inputs, type Instance, type Outcome, type Program } from '../shared/program.ts';
import { PacketLog } from './logs.ts';
import { registerMetrics } from './metrics.ts';
import { ruleName } from './names.ts';
import { renderRuleset } from './render.ts';
import { SetReader } from './sets.ts';
import type { AppliedRules } from './verdict.ts';
import { serveVerdict } from './verdict-route.ts';

/** The kind Firewall: rules of its object -> one table of nftables in this namespace. */
export const firewall: Program<Firewall> = {
  resource: resources.firewalls,
  configMapsOf: ({ spec }) => listSourcesOf(spec).map(({ configMap }) => configMap),
  keptOf: ({ metadata, spec }) =>
    new Map(listSourcesOf(spec).map(({ set }) => [set, keptListNameOf(metadata.name, set)])),
  drainSecondsOf: (object) => object.spec.drainSeconds,
  start: startFirewall,
};

async function startFirewall(context: {
  readonly log: Logger;
  readonly registry: Registry;
}): Promise<Instance<Firewall>> {
  const nft = createNft();
  const counters = new CounterTotals(nft);
  const table = new KernelTable({ nft, counters, log: context.log });
  await table.open();
  const packets = new PacketLog(context.log);
  await packets.start();
  registerMetrics(context.registry, { counters: () => counters.read(), logged: () => packets.logged });
  const sets = new SetReader();
  let applied: AppliedRules | undefined;
  let lists: readonly string[] = [];

  return {
    apply: async (inputs) => {
      const { outcome, rules, read } = await applyFirewall(inputs, table, sets);
      applied = rules ?? applied;
      lists = read ?? lists;
      return outcome;
    },
    report: async () => ({
      rules: countRules(applied?.spec.rules ?? [], await counters.read()),
      logged: packets.logged,
      lists,
    }),
    routes: (app) => serveVerdict(app, () => applied),
    stop: async () => packets.stop(),
  };
}

async function applyFirewall(
  inputs: Inputs<Firewall>,
  table: KernelTable,
  reader: SetReader,
): Promise<{ readonly outcome: Outcome; readonly rules?: AppliedRules; readonly read?: readonly string[] }> {
  const { spec, metadata } = inputs.object;
  const [fault] = checkFirewall(spec);
  if (fault) return { outcome: { kind: 'Refused', error: fault } };
  const { sets, read, stale, missing } = reader.resolve(spec, inputs);
  if (missing[0]) return { outcome: { kind: 'Refused', error: missing[0] } };
  try {
    await table.apply(renderRuleset(spec, sets));
    return {
      outcome: { kind: 'Applied', error: stale[0] },
      rules: { generation: metadata.generation ?? 0, spec, sets },
      read,
    };
  } catch (error) {
    if (!(error instanceof NftError)) throw error;
    throw new FieldFailure(fieldOf(error.message, spec.rules ?? []), error.message);
  }
}

/** The field of an error of nft, which names the chain that it refused; the chain of a rule has the rule's name. */
function fieldOf(complaint: string, rules: readonly { readonly name: string }[]): string {
  const index = rules.findIndex(({ name }) =>
    new RegExp(`\\b${ruleName(name)}(?![-a-z0-9])`).test(complaint),
  );
  return index < 0 ? 'spec.rules' : `spec.rules[${index}]`;
}

function countRules(
  rules: readonly { readonly name: string }[],
  counters: ReadonlyMap<string, CounterValue>,
): readonly ({ readonly name: string } & CounterValue)[] {
  return rules.map(({ name }) => ({ name, ...(counters.get(ruleName(name)) ?? { packets: 0, bytes: 0 }) }));
}

// SPDX-License-Identifier: Apache-2.0
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { load } from 'js-yaml';
import type { FirewallSpec } from '../../../../api/index.ts';
import { renderRuleset } from '../../../../functions/firewall/render.ts';
import { SetReader, type TextObject } from '../../../../functions/firewall/sets.ts';
import type { Ruleset } from '../../../../functions/shared/nft/ruleset.ts';

const FOLDER = join(import.meta.dirname, 'golden');

/** Names of the examples. Each is a folder with `firewall.yaml`, what it names, and the expected `ruleset.nft`. */
export const EXAMPLES: readonly string[] = readdirSync(FOLDER).sort();

export function fileOf(example: string, file: string): string {
  return join(FOLDER, example, file);
}

/** The ruleset that an example renders to. */
export function renderExample(example: string): Ruleset {
  const spec = { replicas: 1, ...(readYaml(example, 'firewall.yaml') as object) } as FirewallSpec;
  const configMaps = readYaml(example, 'configmaps.yaml') as Record<string, TextObject> | undefined;
  const selected = fileOf(example, 'peers.json');
  const { sets, stale, missing } = new SetReader().resolve(spec, {
    configMaps: new Map(Object.entries(configMaps ?? {})),
    selectedPods: existsSync(selected)
      ? { data: { 'peers.json': readFileSync(selected, 'utf8') } }
      : undefined,
  });
  const [fault] = [...stale, ...missing];
  if (fault) throw new Error(`${example}: ${fault.field}: ${fault.message}`);
  return renderRuleset(spec, sets);
}

function readYaml(example: string, file: string): unknown {
  const path = fileOf(example, file);
  return existsSync(path) ? load(readFileSync(path, 'utf8')) : undefined;
}

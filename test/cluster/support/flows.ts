// SPDX-License-Identifier: Apache-2.0
import { decodeFlow, decodeFlowKey, FLOW_PIN } from '../../../agent/render/generated/layout.ts';
import { exec, type KubeObject, list, readTarget } from '../../../tools/cluster/kubectl.ts';

/** The instance of each hop of a path, by flow (protocol and ports). */
export type Placements = ReadonlyMap<string, readonly (number | undefined)[]>;

/** Prints the entries of `flows` and `spilled_flows` of one path, each as its key and its value in hexadecimal. */
const DUMP = `const { execFileSync } = require('node:child_process');
const { readdirSync } = require('node:fs');
const root = '/sys/fs/bpf/heddle/';
const path = Number(process.argv.at(-1));
for (const maps of readdirSync(root).filter((name) => name.startsWith('maps-'))) {
  const hex = (bytes) => bytes.map((byte) => byte.slice(2)).join('');
  // A release before this one has no second table.
  for (const name of readdirSync(root + maps).filter((each) => /^(spilled_)?flows$/.test(each))) {
    const text = execFileSync('bpftool', ['-j', 'map', 'dump', 'pinned', root + maps + '/' + name], { maxBuffer: 1 << 28 });
    for (const { key, value } of JSON.parse(text))
      if (Number(key[0]) + 256 * Number(key[1]) === path) console.log(hex(key) + ' ' + hex(value));
  }
}`;

/** The instances of each flow of a path, by the flow tables of all nodes. */
export async function readPlacements(pathId: number): Promise<Placements> {
  const agents = await list<KubeObject>('pods', {
    namespace: readTarget().system,
    selector: 'app.kubernetes.io/component=agent',
  });
  const found = new Map<string, (number | undefined)[]>();
  const dumps = await Promise.all(agents.map(({ metadata }) => dump(metadata.name, pathId)));
  for (const line of dumps.flatMap((text) => text.split('\n').filter(Boolean))) place(found, line);
  return found;
}

/** A busy API server sometimes breaks the stream of an exec; the command changes nothing, so it can be repeated. */
const ATTEMPTS = 3;

async function dump(agent: string, pathId: number, attempt = 1): Promise<string> {
  const reply = await exec(agent, ['node', '-e', DUMP, '--', String(pathId)], {
    namespace: readTarget().system,
  });
  if (reply.code === 0) return reply.stdout;
  if (attempt === ATTEMPTS) throw new Error(`flows of ${agent}: ${reply.stderr}`);
  return dump(agent, pathId, attempt + 1);
}

function place(found: Map<string, (number | undefined)[]>, line: string): void {
  const [key = '', value = ''] = line.split(' ').map((hex) => Buffer.from(hex, 'hex'));
  if (typeof key === 'string' || typeof value === 'string') return;
  const { segment, kind, protocol, lowPort, highPort } = decodeFlowKey(key);
  if (kind !== FLOW_PIN) return;
  const { left, right } = decodeFlow(value);
  const name = `${protocol}/${lowPort}/${highPort}`;
  const hops = found.get(name) ?? [];
  if (left !== 0) hops[segment - 1] = left;
  if (right !== 0) hops[segment] = right;
  found.set(name, hops);
}

/** Flows of `before` that have another instance of a hop now, except those whose instance is gone. */
export function movedFlows(
  before: Placements,
  now: Placements,
  isGone: (instance: number) => boolean = () => false,
): readonly string[] {
  return [...before].flatMap(([flow, hops]) => {
    const current = now.get(flow);
    if (!current) return [];
    const moved = hops.some(
      (instance, hop) =>
        instance !== undefined &&
        current[hop] !== undefined &&
        current[hop] !== instance &&
        !isGone(instance),
    );
    return moved ? [`${flow}: ${hops} -> ${current}`] : [];
  });
}

// SPDX-License-Identifier: Apache-2.0
import { join } from 'node:path';
import { compileBpf } from '../../tools/build/bpf.ts';
import { onExit } from '../leave.ts';
import type { PartOptions, Section } from '../section.ts';
import { Traffic } from '../traffic.ts';
import { buildFleet, buildHandmadeLane, buildReferences } from './handmade.ts';
import { buildHeddleLanes, NODES, openWorld } from './heddle.ts';
import { type Lane, listRows, nameRow, type Row } from './lanes.ts';
import { Namespaces, removeLeftNamespaces } from './namespaces.ts';
import { renderDatapath } from './report.ts';
import { measureRounds } from './rounds.ts';

const ROOT = join(import.meta.dirname, '../..');
const FULL = { rounds: 7, milliseconds: 150 };
const QUICK = { rounds: 3, milliseconds: 150 };

/**
 * Compares the data path with a cable and with hand-built chains. All are built at the same time and measured in turns.
 */
export async function runDatapath({ quick, progress }: PartOptions): Promise<Section> {
  const dist = join(ROOT, 'dist');
  await compileBpf(ROOT, dist);
  await removeLeftNamespaces();
  const rows = listRows({ quick });
  const turns = quick ? QUICK : FULL;
  await using stack = new AsyncDisposableStack();
  using _leaving = onExit(() => stack.disposeAsync());
  const traffic = await Traffic.compile();
  stack.defer(() => traffic.close());
  const lanes = await buildLanes({ rows, stack, objectFile: join(dist, 'heddle.bpf.o') });
  progress(`${lanes.length} lanes are built, ${turns.rounds} rounds to go`);
  const measured = await measureRounds({ traffic, lanes, ...turns, progress });
  return renderDatapath(measured, { rows, ...turns });
}

async function buildLanes(options: {
  readonly rows: readonly Row[];
  readonly stack: AsyncDisposableStack;
  readonly objectFile: string;
}): Promise<readonly Lane[]> {
  const { rows, stack, objectFile } = options;
  const namespaces = new Namespaces();
  stack.defer(() => namespaces.close());
  const fleet = await buildFleet(namespaces, NODES);
  const byHand: Lane[] = [];
  for (const [index, row] of rows.entries()) byHand.push(await buildHandmadeLane(fleet, row, index));
  const references = await buildReferences(fleet);
  const opening = openWorld(objectFile);
  // Registered before the lanes are built, so that a signal in between leaves nothing.
  stack.defer(async () => (await opening.catch(() => undefined))?.close());
  const world = await opening;
  const ours = await buildHeddleLanes(world, rows);
  // The lanes of a row are next to each other, since they are compared.
  return [
    ...references,
    ...rows.flatMap((row, index) => [
      byHand[index]!,
      ...ours.filter(({ plan }) => nameRow(plan) === nameRow(row)),
    ]),
  ];
}

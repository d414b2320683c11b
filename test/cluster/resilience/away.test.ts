// SPDX-License-Identifier: Apache-2.0
import { beforeAll, describe, expect, test } from 'vitest';
import { useNamespace } from '../../../tools/cluster/namespace.ts';
import { expectNoLoss } from '../../../tools/traffic/expect.ts';
import { replaceAgents } from '../datapath/world.ts';
import { type ChainBed, createChainBed } from '../replicas/world.ts';
import { movedFlows, readPlacements } from '../support/flows.ts';
import { editChain, untilProgrammed } from './change.ts';
import { killAgents, onlyOurs, withoutApiServer, withoutOperator } from './nodes.ts';

/** `npm run test:soak` has the long one, and that alone. */
const isSoak = process.env.HEDDLE_SOAK === '1';
/** Nothing of ours but leases ends by time. */
const OPERATOR_AWAY_MS = 10_000;
/** Longer than the leases of operators and nodes' own last. */
const API_AWAY_MS = 20_000;
const SOAK_MS = 300_000;
const MOST_MS = 300_000;
/** What was asked meanwhile is in all kernels so soon after the return. */
const RETURN_MS = 2000;
/**
 * From when the API server says `readyz` on its own address. Pods come to it by the address of its service, which leads
 * nowhere until the kube-proxy of their node has heard of it (3 to 6 s here); then its watches begin anew.
 */
const API_RETURN_MS = 15_000;

describe('100 connections and numbered datagrams through three firewalls', onlyOurs(), () => {
  const namespace = useNamespace('away');
  let bed: ChainBed;

  beforeAll(async () => {
    bed = await createChainBed(namespace, { first: 1, middle: 2, last: 1 });
  }, 240_000);

  /** Runs flows while something is away, and answers how long what was asked meanwhile took from its return. */
  const under = async (away: () => Promise<void>): Promise<number> => {
    const traffic = await bed.startTraffic();
    const before = await readPlacements(bed.pathId);
    await away();
    const ms = await untilProgrammed(namespace);
    const now = await readPlacements(bed.pathId);
    const result = await traffic.end();
    console.log(expect.getState().currentTestName, Math.round(ms), JSON.stringify(result));
    expectNoLoss(result);
    expect(before.size).toBeGreaterThan(100);
    expect(movedFlows(before, now)).toEqual([]);
    return ms;
  };

  if (isSoak)
    test('lose nothing in ten minutes without operator, five of them without API server', {
      timeout: 2 * SOAK_MS + MOST_MS,
    }, async () => {
      const ms = await under(() =>
        withoutOperator(SOAK_MS, async () => {
          await withoutApiServer(SOAK_MS);
          await editChain(namespace);
        }),
      );
      expect(ms).toBeLessThan(API_RETURN_MS);
    });

  if (!isSoak) {
    test('lose nothing while the operator is away, and what was edited is in the kernels at its return', {
      timeout: MOST_MS,
    }, async () => {
      const ms = await under(() => withoutOperator(OPERATOR_AWAY_MS, () => editChain(namespace)));
      expect(ms).toBeLessThan(RETURN_MS);
    });

    test('lose nothing while the API server is away, and what is edited at its return is in the kernels', {
      timeout: MOST_MS,
    }, async () => {
      const ms = await under(async () => {
        await withoutApiServer(API_AWAY_MS);
        await editChain(namespace);
      });
      expect(ms).toBeLessThan(API_RETURN_MS);
    });

    test('lose nothing when all agents are killed, and again when they are told to go', {
      timeout: MOST_MS,
    }, async () => {
      await under(async () => {
        await killAgents();
        await editChain(namespace);
        await replaceAgents();
      });
    });
  }
});

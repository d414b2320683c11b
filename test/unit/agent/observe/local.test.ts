// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from 'vitest';
import { factsOf, LocalState } from '../../../../agent/observe/local.ts';
import { createAgentStores } from '../../../../agent/observe/stores.ts';
import { renderInstancePort, renderSlice } from '../../../kernel/world/resources.ts';

const OWN = 7;
const THERE = 8;

/** Node `here` with an instance of its own and one on `there`, whose slice says `state`. */
function facts(options: {
  readonly ownDown?: boolean;
  readonly unreachable?: readonly string[];
  readonly state?: 'Draining' | 'Down' | 'Unready';
}) {
  const stores = createAgentStores();
  const ports = [
    renderInstancePort({ name: 'own', node: 'here', id: OWN, function: 'edge' }),
    renderInstancePort({ name: 'far', node: 'there', id: THERE, function: 'edge' }),
  ];
  stores.ports.replace(ports);
  const state = options.state ? { state: options.state } : {};
  const instances = [
    { name: 'own', ...state },
    { name: 'far', ...state },
  ];
  const any = { any: true };
  const plan = { name: 'chain', network: 'shop', pathId: 1, from: any, to: any, hops: [{ instances }] };
  stores.slices.set(renderSlice(plan, { vni: 1, ports }));
  return factsOf({
    local: new LocalState('here'),
    stores,
    health: {
      isDown: (id) => id === OWN && options.ownDown === true,
      isUnreachable: (node) => options.unreachable?.includes(node) === true,
    },
  });
}

describe('whether an instance is down', () => {
  test('of this node its own probes say, and no slice', () => {
    expect(facts({ ownDown: true }).isDown({ id: OWN, node: 'here' })).toBe(true);
    expect(facts({ state: 'Down' }).isDown({ id: OWN, node: 'here', state: 'Down' })).toBe(false);
  });

  test('of another node its slice says, asked for the instance or for the hop', () => {
    expect(facts({ state: 'Down' }).isDown({ id: THERE, node: 'there' })).toBe(true);
    expect(facts({}).isDown({ id: THERE, node: 'there', state: 'Down' })).toBe(true);
    expect(facts({ state: 'Draining' }).isDown({ id: THERE, node: 'there' })).toBe(false);
    expect(facts({}).isDown({ id: THERE, node: 'there' })).toBe(false);
  });

  test('one whose process is away is down everywhere, also where it forwards', () => {
    expect(facts({ state: 'Unready' }).isDown({ id: OWN, node: 'here' })).toBe(true);
    expect(facts({}).isDown({ id: OWN, node: 'here', state: 'Unready' })).toBe(true);
    expect(facts({ state: 'Unready' }).isDown({ id: THERE, node: 'there' })).toBe(true);
  });

  test('of a node that does not answer nothing is up, whatever its slice says', () => {
    expect(facts({ unreachable: ['there'] }).isDown({ id: THERE, node: 'there' })).toBe(true);
    expect(facts({ unreachable: ['there'] }).isDown({ id: OWN, node: 'here' })).toBe(false);
  });
});

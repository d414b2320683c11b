// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from 'vitest';
import { renderAttachment, renderRightAttachment } from '../../../../agent/render/attachment.ts';
import {
  decodeInstance,
  decodePort,
  PORT_F_INSTANCE,
  PORT_F_LEFT,
  PORT_F_RIGHT,
} from '../../../../agent/render/generated/layout.ts';
import { renderInstance, renderPort } from '../../../../agent/render/node.ts';
import { formatMac } from '../../../../api/net/mac.ts';
import { Quiet } from '../../../../functions/custom/frames-table.ts';
import { renderInstancePort } from '../../../kernel/world/resources.ts';

const node = { innerMtu: 1450, hasIpv6: true };
const port = renderInstancePort({
  name: 'taps',
  node: 'here',
  id: 263,
  kind: 'CustomFunction',
  interface: 'left',
});
const chain0 = renderInstancePort({ name: 'fw', node: 'here', id: 264 });

describe('an instance that passes on frames', () => {
  const left = renderAttachment({ port, netnsPath: '/netns', node });
  const right = renderRightAttachment(left, node);

  test('has two interfaces without address, route or rule, watched from outside alone', () => {
    for (const side of [left, right]) {
      const { addresses, routes, rules, programs } = side;
      expect({ addresses, routes, rules, programs }).toEqual({
        addresses: [],
        routes: [],
        rules: [],
        programs: { kind: 'Frames', host: 'fn_ingress' },
      });
    }
    expect([left.interface, right.interface]).toEqual(['left', 'right']);
    expect(left.sysctls).toEqual([{ path: 'net/ipv6/conf/left/disable_ipv6', value: '1' }]);
  });

  test('has host sides and MACs of its own for each', () => {
    expect(right.hostName).not.toBe(left.hostName);
    expect(right.hostMac).not.toEqual(left.hostMac);
    expect(formatMac(left.mac)).toBe('0e:00:00:00:01:07');
    expect(formatMac(right.mac)).toBe('0e:00:00:01:01:07');
  });

  test('is one instance with an entry for each side', () => {
    const entries = (['left', 'right'] as const).map((side, at) =>
      decodePort(renderPort(port, { ifindex: 5 + at, side }).value),
    );
    expect(entries.map(({ instance, flags }) => [instance, flags])).toEqual([
      [263, PORT_F_INSTANCE | PORT_F_LEFT],
      [263, PORT_F_INSTANCE | PORT_F_RIGHT],
    ]);
    expect(decodePort(renderPort(chain0, { ifindex: 7 }).value).flags).toBe(PORT_F_INSTANCE);
  });

  test('is entered by its right side only where it is here and has one', () => {
    const rightOf = (one: typeof port, ifindex: number | undefined) => {
      const facts = {
        node: 'here',
        ifindexOf: () => 5,
        rightIfindexOf: () => ifindex,
        isLeaving: () => false,
        vtepOf: () => new Uint8Array(16),
        isDown: () => false,
      };
      return decodeInstance(renderInstance(one, facts)!.value).right;
    };
    expect(rightOf(port, 6)).toBe(6);
    expect(rightOf(port, undefined)).toBe(0);
    expect(rightOf(chain0, 6)).toBe(0);
  });
});

describe('whether frames have stopped', () => {
  test('they have when the counter stood still for long enough, and not before', () => {
    const quiet = new Quiet(1000);
    expect(quiet.look(0, 5)).toBe(false);
    expect(quiet.look(900, 6)).toBe(false);
    expect(quiet.look(1800, 6)).toBe(false);
    expect(quiet.look(1900, 6)).toBe(true);
    expect(quiet.look(2000, 7)).toBe(false);
  });
});

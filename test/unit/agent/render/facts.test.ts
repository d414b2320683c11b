// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from 'vitest';
import { type Facts, renderOwner } from '../../../../agent/render/facts.ts';
import {
  decodeInstance,
  ENDPOINT_F_PORT,
  ENDPOINT_F_VTEP_V6,
  INSTANCE_F_DOWN,
  INSTANCE_F_LEAVING,
  INSTANCE_F_VTEP_V6,
} from '../../../../agent/render/generated/layout.ts';
import { renderInstance } from '../../../../agent/render/node.ts';
import { parseAddress } from '../../../../api/net/address.ts';
import { mappedBytes } from '../../../../api/net/mapped.ts';
import { renderInstancePort } from '../../../kernel/world/resources.ts';
import { pod } from './fixtures.ts';

const VTEPS: Readonly<Record<string, string>> = { there: '172.31.0.2', six: 'fd31::2' };

const facts = (change: Partial<Facts> = {}): Facts => ({
  node: 'here',
  isDown: () => false,
  isLeaving: () => false,
  rightIfindexOf: () => undefined,
  ifindexOf: () => 10,
  vtepOf: (node) => (VTEPS[node] === undefined ? undefined : mappedBytes(parseAddress(VTEPS[node]))),
  ...change,
});
const vtep = (node: string) => mappedBytes(parseAddress(VTEPS[node]!));

describe('a Port', () => {
  test('of this node is reached by its device, once it is attached', () => {
    const port = pod(1, 'here');
    expect(renderOwner(port, facts())).toMatchObject({
      ifindex: 10,
      vtep: new Uint8Array(16),
      flags: ENDPOINT_F_PORT,
    });
    expect(renderOwner(port, facts({ ifindexOf: () => undefined }))).toBeUndefined();
  });

  test('of another node is reached by its VTEP, and it says whether that is IPv6', () => {
    const on = (node: string) => {
      const port = pod(1, 'there');
      return renderOwner({ ...port, spec: { ...port.spec, node } }, facts());
    };
    expect(on('there')).toMatchObject({ ifindex: 0, vtep: vtep('there'), flags: ENDPOINT_F_PORT });
    expect(on('six')).toMatchObject({
      ifindex: 0,
      vtep: vtep('six'),
      flags: ENDPOINT_F_PORT | ENDPOINT_F_VTEP_V6,
    });
    expect(on('nowhere')).toBeUndefined();
  });
});

describe('an instance', () => {
  const flagsOf = (node: string, change: Partial<Facts> = {}) => {
    const rendered = renderInstance(renderInstancePort({ name: 'edge', node, id: 7 }), facts(change));
    return rendered && decodeInstance(rendered.value).flags;
  };

  test('of a node with an IPv6 VTEP says so', () => {
    expect(flagsOf('here')).toBe(0);
    expect(flagsOf('there')).toBe(0);
    expect(flagsOf('six')).toBe(INSTANCE_F_VTEP_V6);
    expect(flagsOf('nowhere')).toBeUndefined();
  });

  test('says that it is down, or about to be detached', () => {
    expect(flagsOf('six', { isDown: ({ id, node }) => id === 7 && node === 'six' })).toBe(
      INSTANCE_F_VTEP_V6 | INSTANCE_F_DOWN,
    );
    expect(flagsOf('here', { isLeaving: (key) => key === 'test/edge' })).toBe(INSTANCE_F_LEAVING);
  });

  test('is none if its Port is a pod’s', () => {
    expect(renderInstance(pod(1), facts())).toBeUndefined();
  });
});

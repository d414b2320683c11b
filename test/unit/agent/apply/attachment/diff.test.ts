// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { diffPod } from '../../../../../agent/apply/attachment/diff.ts';
import {
  EMPTY_POD_STATE,
  type PodState,
  ROUTE_PROTOCOL,
} from '../../../../../agent/apply/attachment/state.ts';
import type { NetlinkMessage } from '../../../../../agent/kernel/protocol.ts';
import { parseInterfaceAddress } from '../../../../../agent/kernel/rtnetlink/address.ts';
import { parseRoute, type Route } from '../../../../../agent/kernel/rtnetlink/route.ts';
import type { Rule } from '../../../../../agent/kernel/rtnetlink/rule.ts';
import { placeInPod } from '../../../../../agent/render/attachment/lookup.ts';
import { type Attachment, renderAttachment } from '../../../../../agent/render/attachment.ts';
import { parseAddress } from '../../../../../api/net/address.ts';
import { parsePrefix } from '../../../../../api/net/prefix.ts';
import { instancePort, networkPort, node, shop } from '../../../../kernel/attachment/ports.ts';

const ifindex = 4;
const port = { uid: 'uid-web', addresses: ['10.20.0.5', 'fd20::5'], mac: '06:00:00:00:00:05' };

function attachmentWith(prefixes: readonly string[]): Attachment {
  const network = { ...shop, prefixes };
  return renderAttachment({ port: networkPort(port), netnsPath: '/run/netns/a', network, node });
}

const KINDS: Readonly<Record<number, string>> = {
  20: 'add address',
  21: 'delete address',
  24: 'put route',
  25: 'delete route',
  28: 'put neighbour',
  32: 'add rule',
  33: 'delete rule',
};

function kindsOf(messages: readonly NetlinkMessage[]): string[] {
  return messages.map(({ bytes }) => KINDS[Buffer.from(bytes).readUInt16LE(4)] ?? 'unknown');
}

function routesFor(attachment: Attachment): Route[] {
  return placeInPod(attachment, { ifindex, foreign: [] }).routes.map((route) => ({
    ...route,
    ifindex,
    protocol: ROUTE_PROTOCOL,
  }));
}

/** The rules of an attachment in a pod whose own network gave it these addresses. */
function rulesFor(attachment: Attachment, foreign: readonly string[] = []): Rule[] {
  const mark = attachment.lookup ? { protocol: ROUTE_PROTOCOL } : {};
  return placeInPod(attachment, { ifindex, foreign: foreign.map(parseAddress) }).rules.map((rule) => ({
    ...rule,
    ...mark,
  }));
}

function changesOf(attachment: Attachment, found: PodState): string[] {
  const changes = diffPod(attachment, { ifindex, found });
  return kindsOf([...changes.beforeUp, ...changes.afterUp]);
}

function stateOf(attachment: Attachment): PodState {
  return {
    addresses: attachment.addresses.map((address) => ({ ...address, ifindex, scope: 0, flags: 0x202 })),
    foreign: [],
    routes: routesFor(attachment),
    rules: rulesFor(attachment),
    neighbours: attachment.neighbours.map((neighbour) => ({ ...neighbour, ifindex, permanent: true })),
  };
}

describe('what changes inside a pod', () => {
  it('is everything for a new interface, addresses before it is up and routes after', () => {
    const changes = diffPod(attachmentWith([]), { ifindex, found: EMPTY_POD_STATE });
    expect(kindsOf(changes.beforeUp)).toEqual(['add address', 'add address']);
    expect(kindsOf(changes.afterUp)).toEqual(['put route', 'put route', 'add rule', 'add rule']);
  });

  it('is nothing when all is as it should be', () => {
    const function_ = renderAttachment({
      port: instancePort({ uid: 'uid-fw', instance: 7 }),
      netnsPath: '/run/netns/f',
      node,
    });
    for (const attachment of [attachmentWith(['10.99.0.0/24']), function_]) {
      const changes = diffPod(attachment, { ifindex, found: stateOf(attachment) });
      expect([...changes.beforeUp, ...changes.afterUp]).toEqual([]);
    }
  });

  it('is one route when one prefix comes, and one when it goes', () => {
    const without = attachmentWith([]);
    const with_ = attachmentWith(['10.99.0.0/24']);
    const { afterUp: come } = diffPod(with_, { ifindex, found: stateOf(without) });
    expect(kindsOf(come)).toEqual(['put route']);
    expect(parseRoute(come[0]!.bytes)).toMatchObject({ destination: parsePrefix('10.99.0.0/24'), ifindex });
    expect(changesOf(without, stateOf(with_))).toEqual(['delete route']);
  });

  it('moves the routes that the release before put into the main table, and never leaves the pod without any', () => {
    const attachment = attachmentWith([]);
    const legacy = attachment.routes.map((route) => ({
      ...route,
      table: 254,
      ifindex,
      protocol: ROUTE_PROTOCOL,
    }));
    expect(changesOf(attachment, { ...stateOf(attachment), routes: legacy, rules: [] })).toEqual([
      ...['put route', 'put route'],
      ...['add rule', 'add rule'],
      ...['delete route', 'delete route'],
    ]);
  });

  it('follows the addresses that the pod has from its own network', () => {
    const attachment = attachmentWith([]);
    const found = stateOf(attachment);
    const foreign = [parseAddress('10.244.1.5'), parseAddress('fd00:244::5')];
    expect(changesOf(attachment, { ...found, foreign })).toEqual(['add rule', 'add rule']);
    const moved = { ...found, foreign: foreign.slice(0, 1), rules: rulesFor(attachment, ['10.244.1.9']) };
    expect(changesOf(attachment, moved)).toEqual(['add rule', 'delete rule']);
  });

  it('never takes a rule that is not Heddle’s, and only those whose address is gone', () => {
    const attachment = attachmentWith([]);
    const found = stateOf(attachment);
    const rule = { family: 4, priority: 80, table: 7_200_009, source: parseAddress('10.50.0.7') } as const;
    expect(changesOf(attachment, { ...found, rules: [...found.rules, rule] })).toEqual([]);
    const ours = { ...rule, protocol: ROUTE_PROTOCOL };
    expect(changesOf(attachment, { ...found, rules: [...found.rules, ours] })).toEqual(['delete rule']);
  });

  it('gives a pod its new address before it takes the old one', () => {
    const attachment = attachmentWith([]);
    const found = stateOf(attachment);
    const old = { ...found.addresses[0]!, address: parseAddress('10.20.0.9') };
    const changes = diffPod(attachment, {
      ifindex,
      found: { ...found, addresses: [old, found.addresses[1]!] },
    });
    expect(kindsOf(changes.beforeUp)).toEqual(['add address']);
    expect(kindsOf(changes.afterUp)).toEqual(['delete address']);
    expect(parseInterfaceAddress(changes.afterUp[0]!.bytes)?.address).toEqual(old.address);
  });

  it('never takes the link-local address, which the kernel made', () => {
    const attachment = attachmentWith([]);
    const found = stateOf(attachment);
    const linkLocal = { ...found.addresses[1]!, scope: 253, address: parseAddress('fe80::1') };
    const changes = diffPod(attachment, {
      ifindex,
      found: { ...found, addresses: [...found.addresses, linkLocal] },
    });
    expect(changes.afterUp).toEqual([]);
  });

  it('puts the local table to its new place before it leaves the old one', () => {
    const attachment = renderAttachment({
      port: instancePort({ uid: 'uid-fw', instance: 7 }),
      netnsPath: '/run/netns/f',
      node,
    });
    const fresh = [
      { family: 4, priority: 0, table: 255 },
      { family: 6, priority: 0, table: 255 },
    ] as const;
    const changes = diffPod(attachment, { ifindex, found: { ...EMPTY_POD_STATE, rules: fresh } });
    const rules = kindsOf(changes.afterUp).filter((kind) => kind.endsWith('rule'));
    expect(rules).toEqual(['add rule', 'add rule', 'add rule', 'add rule', 'delete rule', 'delete rule']);
  });
});

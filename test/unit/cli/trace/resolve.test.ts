// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from 'vitest';
import { Complaint } from '../../../../cli/complaint.ts';
import { resolveRequest } from '../../../../cli/trace/resolve.ts';
import { ASKED, attached, CLIENT, request, WEB } from './asked.ts';

describe('the packet that a trace follows', () => {
  test('goes from the Port of one pod to the address of the other, by IPv4 where both have it', () => {
    expect(resolveRequest(request(ASKED), [CLIENT, WEB])).toMatchObject({
      node: 'one',
      port: 'shop/client-shop',
      network: { namespace: 'shop', name: 'shop' },
      packet: {
        source: '10.20.0.1',
        destination: '10.20.0.5',
        protocol: 6,
        sourcePort: 40_000,
        destinationPort: 80,
      },
      reply: false,
    });
    const only6 = attached('web', { addresses: ['fd20::5'] });
    expect(resolveRequest(request(ASKED), [CLIENT, only6]).packet).toMatchObject({
      source: 'fd20::1',
      destination: 'fd20::5',
    });
    expect(resolveRequest(request({ from: 'client', to: 'fd20::9' }), [CLIENT]).packet).toMatchObject({
      source: 'fd20::1',
      destination: 'fd20::9',
      protocol: 58,
    });
  });

  test('with --reply is the answer, and begins at the other pod', () => {
    expect(resolveRequest(request({ ...ASKED, reply: true }), [CLIENT, WEB])).toMatchObject({
      node: 'two',
      port: 'shop/web-shop',
      packet: { source: '10.20.0.5', destination: '10.20.0.1', sourcePort: 80, destinationPort: 40_000 },
      reply: true,
      sender: 'pod shop/web',
      receiver: 'pod shop/client',
    });
    const toAddress = request({ from: 'client', to: '10.20.0.5', port: '80', reply: true });
    expect(resolveRequest(toAddress, [CLIENT, WEB])).toMatchObject({ node: 'two', sender: 'pod shop/web' });
    expect(() => resolveRequest(toAddress, [CLIENT])).toThrow('nobody answers');
  });

  test('is on the network that both pods are on, and --network chooses among several', () => {
    const other = attached('client', { network: 'back' });
    expect(resolveRequest(request(ASKED), [other, CLIENT, WEB]).network.name).toBe('shop');
    const both = [other, CLIENT, WEB, attached('web', { network: 'back' })];
    expect(() => resolveRequest(request(ASKED), both)).toThrow(
      '--network: pods client and web are both on shop/back, shop/shop',
    );
    expect(resolveRequest(request({ ...ASKED, network: 'back' }), both).network.name).toBe('back');
    expect(resolveRequest(request({ ...ASKED, network: 'shop/back' }), both).network.name).toBe('back');
    expect(() => resolveRequest(request({ ...ASKED, network: 'x' }), both)).toThrow('"x" is not a network');
    expect(() => resolveRequest(request(ASKED), [other, WEB])).toThrow('no network joins them');
  });

  test('of a pod without a network does not exist, and the message says why that may be', () => {
    expect(() => resolveRequest(request(ASKED), [CLIENT])).toThrow(Complaint);
    expect(() => resolveRequest(request(ASKED), [CLIENT])).toThrow('pod shop/web is on no virtual network');
  });
});

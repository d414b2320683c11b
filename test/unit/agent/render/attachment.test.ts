// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import {
  type Attachment,
  hostNameOf,
  isHostName,
  type NetworkFacts,
  parseAlias,
  renderAttachment,
  UnfitPortError,
} from '../../../../agent/render/attachment.ts';
import { formatAddress } from '../../../../api/net/address.ts';
import { formatMac } from '../../../../api/net/mac.ts';
import { formatPrefix } from '../../../../api/net/prefix.ts';
import { SWITCHES } from '../../../../functions/vpn/sysctls.ts';
import { instancePort, networkPort, node, shop } from '../../../kernel/attachment/ports.ts';

const netnsPath = '/var/run/netns/a';

function attachmentOf(port: Parameters<typeof networkPort>[0], network: NetworkFacts = shop): Attachment {
  return renderAttachment({ port: networkPort(port), netnsPath, network, node });
}

const web = { uid: 'uid-web', addresses: ['10.20.0.5', 'fd20::5'], mac: '06:00:00:00:00:05' };

function routesOf(attachment: Attachment): string[] {
  return attachment.routes.map((route) => {
    const source = route.source === undefined ? '' : ` src ${formatAddress(route.source)}`;
    return `${formatPrefix(route.destination)}${source}`;
  });
}

function sysctlOf(attachment: Attachment, path: string): string | undefined {
  return attachment.sysctls.find((sysctl) => sysctl.path === path)?.value;
}

describe('the attachment of a pod', () => {
  it('has a host side whose name follows from pod and interface, and fits into a name of the kernel', () => {
    expect(hostNameOf('uid-web', 'net1')).toBe(hostNameOf('uid-web', 'net1'));
    expect(hostNameOf('uid-web', 'net1')).not.toBe(hostNameOf('uid-web', 'net2'));
    expect(isHostName(hostNameOf('uid-web', 'net1'))).toBe(true);
    expect(hostNameOf('uid-web', 'net1').length).toBeLessThan(16);
  });

  it('has its addresses with the length of their subnets', () => {
    const lengths = attachmentOf(web).addresses.map(({ prefixLength }) => prefixLength);
    expect(lengths).toEqual([16, 64]);
  });

  it('has a route to each subnet and each foreign prefix, in an order that does not depend on theirs', () => {
    const network = { subnets: ['10.20.0.0/16', '10.30.0.0/24'], prefixes: ['10.99.0.0/24'] };
    const forward = attachmentOf(web, network);
    const backward = attachmentOf(web, { ...network, subnets: [...network.subnets].reverse() });
    expect(routesOf(forward)).toEqual([
      '10.20.0.0/16 src 10.20.0.5',
      '10.30.0.0/24 src 10.20.0.5',
      '10.99.0.0/24 src 10.20.0.5',
    ]);
    expect(routesOf(backward)).toEqual(routesOf(forward));
  });

  it('leaves each subnet by the address that the pod has in it', () => {
    const network = { subnets: ['10.20.0.0/16', '10.30.0.0/24'], prefixes: [] };
    const attachment = attachmentOf({ ...web, addresses: ['10.20.0.5', '10.30.0.9'] }, network);
    expect(routesOf(attachment)).toEqual(['10.20.0.0/16 src 10.20.0.5', '10.30.0.0/24 src 10.30.0.9']);
  });

  it('never has a default route, even when a gateway of the network owns everything', () => {
    const attachment = attachmentOf(web, { ...shop, prefixes: ['0.0.0.0/0', '::/0'] });
    expect(attachment.routes.every(({ destination }) => destination.length > 0)).toBe(true);
  });

  it('has only the routes that the operator lets the network have', () => {
    const network = {
      subnets: ['10.20.0.0/16', '10.96.0.0/16'],
      prefixes: ['10.99.0.0/24', '10.244.0.0/24'],
      routes: ['10.20.0.0/16', '10.99.0.0/24'],
    };
    expect(routesOf(attachmentOf(web, network))).toEqual([
      '10.20.0.0/16 src 10.20.0.5',
      '10.99.0.0/24 src 10.20.0.5',
    ]);
  });

  it('of a pod of another namespace has the routes of its own list, and no more than the network has', () => {
    const network = {
      subnets: ['10.20.0.0/16', '10.30.0.0/16'],
      prefixes: [],
      routes: ['10.20.0.0/16', '10.30.0.0/16'],
    };
    const guest = networkPort(web);
    const render = (routes: readonly string[] | undefined) =>
      routesOf(
        renderAttachment({
          port: {
            ...guest,
            metadata: { ...guest.metadata, namespace: 'guests' },
            spec: { ...guest.spec, routes },
          },
          netnsPath,
          network,
          node,
        }),
      );
    expect(render(['10.20.0.0/16', '10.99.0.0/24'])).toEqual(['10.20.0.0/16 src 10.20.0.5']);
    expect(render([])).toEqual([]);
    expect(render(undefined)).toHaveLength(2);
  });

  it('has no route to what the pod owns itself', () => {
    const attachment = attachmentOf(
      { ...web, prefixes: ['10.99.0.0/24'] },
      { ...shop, prefixes: ['10.99.0.0/24', '10.98.0.0/24'] },
    );
    expect(routesOf(attachment)).not.toContain('10.99.0.0/24 src 10.20.0.5');
    expect(routesOf(attachment)).toContain('10.98.0.0/24 src 10.20.0.5');
  });

  it('has no route of a family that the pod has no address of', () => {
    const attachment = attachmentOf({ ...web, addresses: ['10.20.0.5'] });
    expect(routesOf(attachment)).toEqual(['10.20.0.0/16 src 10.20.0.5']);
  });

  it('switches IPv6 off on an interface that has no IPv6 address', () => {
    const path = 'net/ipv6/conf/net1/disable_ipv6';
    expect(sysctlOf(attachmentOf({ ...web, addresses: ['10.20.0.5'] }), path)).toBe('1');
    expect(sysctlOf(attachmentOf(web), path)).toBe('0');
  });

  it('never announces addresses of other interfaces', () => {
    const attachment = attachmentOf(web);
    expect(sysctlOf(attachment, 'net/ipv4/conf/net1/arp_ignore')).toBe('1');
    expect(sysctlOf(attachment, 'net/ipv4/conf/net1/arp_announce')).toBe('2');
  });

  it('forwards only when its Port owns prefixes', () => {
    expect(sysctlOf(attachmentOf(web), 'net/ipv4/ip_forward')).toBeUndefined();
    expect(sysctlOf(attachmentOf({ ...web, prefixes: ['10.99.0.0/24'] }), 'net/ipv4/ip_forward')).toBe('1');
  });

  it('gives a gateway that stands by all that its program asks for, before it owns a prefix', () => {
    const port = networkPort(web);
    const metadata = { ...port.metadata, labels: { 'heddle.dev/gateway': 'true' } };
    const { sysctls } = renderAttachment({ port: { ...port, metadata }, netnsPath, network: shop, node });
    for (const [path, value] of SWITCHES) expect(sysctls).toContainEqual({ path, value });
    expect(sysctls[0]?.path).toBe('net/ipv4/ip_forward');
  });

  it('is refused, by name of Port and field, while its network is unknown', () => {
    const render = () => renderAttachment({ port: networkPort(web), netnsPath, node });
    expect(render).toThrow(UnfitPortError);
    expect(render).toThrow('Port default/uid-web-net1: spec.network');
  });

  it('needs no IPv6 in the kernel', () => {
    const attachment = renderAttachment({
      port: networkPort({ ...web, addresses: ['10.20.0.5'] }),
      netnsPath,
      network: shop,
      node: { ...node, hasIpv6: false },
    });
    expect(attachment.sysctls.filter(({ path }) => path.includes('ipv6'))).toEqual([]);
  });

  it('has no IPv6 where the node has none, or the MTU is too small for it, and keeps its IPv4', () => {
    const port = networkPort(web);
    const small = { ...port, spec: { ...port.spec, mtu: 1279 } };
    for (const attachment of [
      renderAttachment({ port: small, netnsPath, network: shop, node }),
      renderAttachment({ port, netnsPath, network: shop, node: { ...node, hasIpv6: false } }),
    ]) {
      expect(attachment.addresses.map(({ address }) => formatAddress(address))).toEqual(['10.20.0.5']);
      expect(routesOf(attachment)).toEqual(['10.20.0.0/16 src 10.20.0.5']);
      expect(attachment.sysctls.filter(({ path }) => path.includes('ipv6/conf/net1'))).toEqual([]);
      expect(attachment.linkLocal).toBe(false);
    }
    const large = renderAttachment({
      port: { ...port, spec: { ...port.spec, mtu: 1280 } },
      netnsPath,
      network: shop,
      node,
    });
    expect(large.addresses).toHaveLength(2);
  });

  it('is refused, with the reason, when it would have no address at all', () => {
    const port = networkPort({ ...web, addresses: ['fd20::5'] });
    const small = { ...port, spec: { ...port.spec, mtu: 576 } };
    const render = (options: { port: typeof port; hasIpv6: boolean }) => () =>
      renderAttachment({
        port: options.port,
        netnsPath,
        network: shop,
        node: { ...node, hasIpv6: options.hasIpv6 },
      });
    expect(render({ port: small, hasIpv6: true })).toThrow('IPv6 needs an MTU of 1280, and this one is 576');
    expect(render({ port, hasIpv6: false })).toThrow('this node has no IPv6');
  });
});

describe("the attachment of a function's instance", () => {
  const attachment = renderAttachment({
    port: instancePort({ uid: 'uid-fw', instance: 0x1234 }),
    netnsPath,
    node,
  });

  it('carries the instance id in its MAC', () => {
    expect(formatMac(attachment.mac)).toBe('0e:00:00:00:12:34');
  });

  it('is as large as the node can carry, since every network may pass it', () => {
    expect(attachment.mtu).toBe(1450);
  });

  it('asks the rule for contexts before the local table, in both families', () => {
    expect(attachment.rules.map(({ family, priority, table }) => [family, priority, table])).toEqual([
      [4, 1, 255],
      [4, 0, 100],
      [6, 1, 255],
      [6, 0, 100],
    ]);
    expect(attachment.withoutRules.map(({ priority, table }) => [priority, table])).toEqual([
      [0, 255],
      [0, 255],
    ]);
  });

  it('has no IPv6 when the node can carry only packets that are too small for it', () => {
    const port = instancePort({ uid: 'uid-fw', instance: 0x1234 });
    for (const small of [
      { ...node, innerMtu: 1279 },
      { ...node, hasIpv6: false },
    ]) {
      const { addresses, rules, sysctls } = renderAttachment({ port, netnsPath, node: small });
      expect(addresses.map(({ address }) => address.family)).toEqual([4]);
      expect(rules.every(({ family }) => family === 4)).toBe(true);
      expect(sysctls.filter(({ path }) => path.includes('ipv6'))).toEqual([]);
    }
  });

  it('watches both ends', () => {
    expect(attachment.programs).toEqual({ kind: 'Function', host: 'fn_ingress', pod: 'fn_egress' });
  });

  it('switches forwarding on before what that would reset', () => {
    const paths = attachment.sysctls.map(({ path }) => path);
    expect(paths.indexOf('net/ipv4/ip_forward')).toBe(0);
    expect(paths.indexOf('net/ipv6/conf/all/forwarding')).toBeLessThan(
      paths.indexOf('net/ipv6/conf/chain0/accept_ra'),
    );
  });
});

describe('the alias of a host side', () => {
  it('tells pod and interface again', () => {
    expect(parseAlias('uid-web/net1')).toEqual({ podUid: 'uid-web', interface: 'net1' });
  });

  it('of other people is not mistaken for ours', () => {
    for (const alias of ['', 'uplink', '/net1', 'uid/']) expect(parseAlias(alias)).toBeUndefined();
  });
});

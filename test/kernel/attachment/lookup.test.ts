// SPDX-License-Identifier: Apache-2.0
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { AddressTakenError, attach, detach } from '../../../agent/apply/attachment.ts';
import { type Attachment, renderAttachment } from '../../../agent/render/attachment.ts';
import type { Port } from '../../../api/index.ts';
import { type Ground, openGround, runIn } from './ground.ts';
import { networkPort, node } from './ports.ts';
import { describeOnKernel } from './ready.ts';
import { layWires } from './wires.ts';

// Pods with a network of their own (eth0), as a CNI makes it, and interfaces on networks whose ranges overlap it or each
// other. Whoever gets a packet counts it.

interface Wanted {
  readonly netns: string;
  readonly interface?: string;
  readonly addresses: readonly string[];
  readonly subnets: readonly string[];
  readonly mates?: readonly Port[];
  readonly mtu?: number;
}

let serial = 0x30;

describeOnKernel('where packets of a pod go', () => {
  let ground: Ground;

  beforeAll(() => {
    ground = openGround();
  });
  afterAll(() => ground?.close());

  const inNetns = (netns: string, command: string) => runIn(netns, command.split(' '));

  function portOf(wanted: Wanted): Port {
    const mac = `06:00:00:00:00:${(serial++).toString(16)}`;
    const port = networkPort({
      uid: `uid-${wanted.netns.split('-').at(-1)}`,
      addresses: wanted.addresses,
      mac,
    });
    const spec = { ...port.spec, interface: wanted.interface ?? 'net1', mtu: wanted.mtu ?? 1450 };
    return { ...port, metadata: { ...port.metadata, name: `${serial}` }, spec };
  }

  function render(port: Port, { netns, subnets, mates = [] }: Wanted): Attachment {
    return renderAttachment({ port, netnsPath: netns, network: { subnets, prefixes: [] }, node, mates });
  }

  const make = (attachment: Attachment) => attach({ kernel: ground.kernel, paths: ground, attachment });

  async function add(wanted: Wanted): Promise<{ attachment: Attachment; hostIfindex: number }> {
    const attachment = render(portOf(wanted), wanted);
    return { attachment, ...(await make(attachment)) };
  }

  /** Joins two interfaces, as if they were the only ones of a network. */
  const join = (a: number, b: number) =>
    layWires(ground, [
      { from: a, to: b },
      { from: b, to: a },
    ]);

  /** A pod with an own network 10.244.1.0/24 and fd44::/64, whose other addresses a second namespace has. */
  function addClusterPod(name: string): { pod: string; cluster: string } {
    const [pod, cluster] = [ground.addNetns(name), ground.addNetns(`${name}c`)];
    inNetns(pod, `ip link add eth0 type veth peer name peer netns ${cluster}`);
    for (const [netns, device, ends] of [
      [pod, 'eth0', [5]],
      [cluster, 'peer', [1, 9]],
    ] as const) {
      inNetns(netns, 'ip link set lo up');
      inNetns(netns, `sysctl -qw net.ipv4.conf.${device}.rp_filter=1 net.ipv4.conf.default.rp_filter=1`);
      for (const end of ends) {
        inNetns(netns, `ip addr add 10.244.1.${end}/24 dev ${device}`);
        inNetns(netns, `ip addr add fd44::${end}/64 dev ${device} nodad`);
      }
      inNetns(netns, `ip link set ${device} up`);
    }
    inNetns(pod, 'ip route add default via 10.244.1.1');
    inNetns(pod, 'ip -6 route add default via fd44::1');
    return { pod, cluster };
  }

  const ping = (netns: string, to: string, from?: string) =>
    inNetns(netns, `ping -c 1 -W 5 ${from === undefined ? '' : `-I ${from} `}${to}`);

  function echoesOf(netns: string): number {
    const v4 = inNetns(netns, 'cat /proc/net/snmp')
      .match(/^Icmp: .*\nIcmp: (.*)$/m)![1]!
      .split(' ');
    const names = inNetns(netns, 'cat /proc/net/snmp')
      .match(/^Icmp: (InMsgs.*)$/m)![1]!
      .split(' ');
    const v6 = /Icmp6InEchos\s+(\d+)/.exec(inNetns(netns, 'cat /proc/net/snmp6'))![1];
    return Number(v4[names.indexOf('InEchos')]) + Number(v6);
  }

  /** Who of several namespaces gets a request, by its name. */
  function whoGets(namespaces: Readonly<Record<string, string>>, send: () => unknown): string[] {
    const before = Object.entries(namespaces).map(([name, netns]) => [name, echoesOf(netns)] as const);
    send();
    return before.filter(([name, count]) => echoesOf(namespaces[name]!) > count).map(([name]) => name);
  }

  const HIDDEN = ['10.244.0.0/16', 'fd44::/48'];

  async function addHidden(name: string) {
    const { pod, cluster } = addClusterPod(name);
    const tenant = ground.addNetns(`${name}t`);
    const [a, b] = [
      await add({ netns: pod, addresses: ['10.244.1.50', 'fd44::50'], subnets: HIDDEN }),
      await add({ netns: tenant, addresses: ['10.244.1.9', 'fd44::9'], subnets: HIDDEN }),
    ];
    await join(a.hostIfindex, b.hostIfindex);
    return { pod, cluster, tenant, a };
  }

  it('is the network for every address of it, also where the pod’s own network has a narrower route', async () => {
    const { pod, cluster, tenant } = await addHidden('hid');
    for (const address of ['10.244.1.9', 'fd44::9'])
      expect(
        whoGets({ cluster, tenant }, () => ping(pod, address)),
        address,
      ).toEqual(['tenant']);
  });

  it('is the pod’s own network for answers to it, so that the kubelet’s probes pass', async () => {
    const { pod, cluster } = await addHidden('ans');
    for (const [from, to] of [
      ['10.244.1.1', '10.244.1.5'],
      ['fd44::1', 'fd44::5'],
    ])
      expect(ping(cluster, to!, from)).toContain('1 received');
    expect(inNetns(pod, 'ip route show table main')).toContain('10.244.1.0/24 dev eth0');
  });

  it('is never that of an interface whose address the pod has already', async () => {
    const { pod } = addClusterPod('tak');
    const wanted = { netns: pod, addresses: ['10.244.1.5'], subnets: HIDDEN };
    const attachment = render(portOf(wanted), wanted);
    for (let attempt = 0; attempt < 2; attempt += 1) {
      await expect(make(attachment)).rejects.toThrow(AddressTakenError);
      expect(inNetns(pod, 'ip -br link show net1')).toContain('DOWN');
    }
  });

  it('stays the same for running flows when the release before has made the interface', async () => {
    const { pod, a, tenant } = await addHidden('old');
    // As that release left it: routes in the main table and no rules.
    for (const family of ['-4', '-6']) {
      for (const rule of inNetns(pod, `ip ${family} rule`).match(/^(80|90|100):.*$/gm) ?? [])
        inNetns(pod, `ip ${family} rule del pref ${rule.split(':')[0]}`);
      inNetns(pod, `ip ${family} route flush table 7200`);
    }
    inNetns(pod, 'ip route add 10.244.0.0/16 dev net1 proto 72 scope link src 10.244.1.50');
    inNetns(pod, 'ip -6 route add fd44::/48 dev net1 proto 72');
    inNetns(tenant, 'ip addr add 10.244.9.9/16 dev net1');
    const pinging = promisify(execFile)('nsenter', [
      `--net=${pod}`,
      ...['ping', '-q', '-c', '200', '-i', '0.005', '-W', '5', '10.244.9.9'],
    ]);
    await make(a.attachment);
    expect((await pinging).stdout).toContain('200 received');
    expect(inNetns(pod, 'ip route show table main')).not.toContain('proto 72');
    expect(inNetns(pod, 'ip -6 route show table main')).not.toContain('proto 72');
    expect(inNetns(pod, 'ip route show table 7200')).toContain('10.244.0.0/16 dev net1');
  });

  const EQUAL = ['10.20.0.0/16', 'fd20::/64'];

  /** A pod on two networks with equal ranges, each with a peer that has the same addresses. */
  async function addTwofold(name: string) {
    const pod = ground.addNetns(name);
    const first = { netns: pod, interface: 'net1', addresses: ['10.20.0.5', 'fd20::5'], subnets: EQUAL };
    const second = { netns: pod, interface: 'net2', addresses: ['10.20.0.6', 'fd20::6'], subnets: EQUAL };
    const [one, two] = [portOf(first), portOf(second)];
    const makers = {
      net1: (subnets = EQUAL) => make(render(one, { ...first, subnets, mates: [two] })),
      net2: (subnets = EQUAL) => make(render(two, { ...second, subnets, mates: [one] })),
      net1Alone: () => make(render(one, first)),
      net2Name: render(two, second).hostName,
    };
    const peers: Record<string, string> = {};
    const wire = async (network: 'net1' | 'net2', hostIfindex: number) => {
      peers[network] = ground.addNetns(`${name}${network}`);
      const peer = await add({ netns: peers[network], addresses: ['10.20.0.9', 'fd20::9'], subnets: EQUAL });
      await join(hostIfindex, peer.hostIfindex);
    };
    return { pod, makers, peers, wire };
  }

  const byNetwork = (pod: string, peers: Record<string, string>) =>
    [
      ['10.20.0.9', '10.20.0.5'],
      ['10.20.0.9', '10.20.0.6'],
      ['10.20.0.9', undefined],
      ['fd20::9', 'fd20::5'],
      ['fd20::9', 'fd20::6'],
      ['fd20::9', undefined],
    ].flatMap(([to, from]) => whoGets(peers, () => ping(pod, to!, from)));

  it('follows the source on two networks with equal ranges, whichever came first and was edited last', async () => {
    const { pod, makers, peers, wire } = await addTwofold('two');
    await wire('net2', (await makers.net2()).hostIfindex);
    await wire('net1', (await makers.net1()).hostIfindex);
    const expected = ['net1', 'net2', 'net1', 'net1', 'net2', 'net1'];
    expect(byNetwork(pod, peers)).toEqual(expected);
    for (const edit of ['net1', 'net2', 'net1'] as const) {
      await makers[edit]([...EQUAL, '10.77.0.0/16', 'fd77::/64']);
      await makers[edit]();
      expect(byNetwork(pod, peers), `after an edit of ${edit}`).toEqual(expected);
    }
  });

  it('is the first of two networks on which an earlier release gave the pod one address', async () => {
    const netns = ground.addNetns('dup');
    const wanted = { netns, addresses: ['10.20.0.5'], subnets: EQUAL };
    const [one, two] = [portOf(wanted), portOf({ ...wanted, interface: 'net2' })];
    await make(render(two, { ...wanted, mates: [one] }));
    await make(render(one, { ...wanted, mates: [two] }));
    expect(inNetns(netns, 'ip route get 10.20.0.9')).toContain('dev net1');
  });

  it('is the only network again when the other one is gone', async () => {
    const { pod, makers, peers, wire } = await addTwofold('gone');
    await wire('net1', (await makers.net1()).hostIfindex);
    await makers.net2();
    await detach({ kernel: ground.kernel, hostName: makers.net2Name });
    await makers.net1Alone();
    for (const family of ['-4', '-6']) expect(inNetns(pod, `ip ${family} rule`)).not.toMatch(/^(80|90):/m);
    expect(inNetns(pod, 'ip route show table all dev net1').match(/10\.20\.0\.0\/16/g)).toHaveLength(1);
    expect(whoGets(peers, () => ping(pod, '10.20.0.9'))).toEqual(['net1']);
  });

  it('is IPv4 of a network whose MTU is too small for IPv6, and both when it grows', async () => {
    const netns = ground.addNetns('small');
    const wanted = { netns, addresses: ['10.20.0.5', 'fd20::5'], subnets: EQUAL };
    const port = portOf(wanted);
    const sized = (mtu: number) => make(render({ ...port, spec: { ...port.spec, mtu } }, wanted));
    const peer = await add({
      netns: ground.addNetns('smallp'),
      addresses: ['10.20.0.9', 'fd20::9'],
      subnets: EQUAL,
    });
    for (const mtu of [576, 1279]) {
      await join((await sized(mtu)).hostIfindex, peer.hostIfindex);
      expect(ping(netns, '10.20.0.9')).toContain('1 received');
      expect(inNetns(netns, 'ip -6 addr show dev net1')).toBe('');
    }
    await sized(1280);
    expect(ping(netns, 'fd20::9')).toContain('1 received');
    await sized(1000);
    expect(ping(netns, '10.20.0.9')).toContain('1 received');
    expect(() => ping(netns, 'fd20::9')).toThrow();
  });
});

// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from 'vitest';
import type { VpnPeer } from '../../../api/vpn-objects.ts';
import type { Cluster } from '../../../cli/cluster.ts';
import { parseCommand } from '../../../cli/options.ts';
import { plain } from '../../../cli/print/paint.ts';
import { formatAge, formatBytes, formatPeers } from '../../../cli/vpn/peers.ts';
import { drawQr } from '../../../cli/vpn/qr.ts';
import { withRemark } from '../../../cli/vpn/show.ts';
import { vpn as verb } from '../../../cli/vpn/vpn.ts';
import { ApiError } from '../../../kube/api-error.ts';
import { systemClock } from '../../../kube/base/clock.ts';
import { key, NOW, peer, vpn } from '../operator/vpn-world.ts';

const FILE = '[Interface]\nPrivateKey = secret\n';

function withStatus(object: VpnPeer, status: VpnPeer['status']): VpnPeer {
  return { ...object, status };
}

function ready(status: 'True' | 'False', reason: string, type = 'Ready') {
  const message = `${reason} it is`;
  return { type, status, reason, message, lastTransitionTime: NOW.toISOString() } as const;
}

const laptop = withStatus(peer('laptop'), {
  addresses: ['10.99.0.5', 'fd99::5'],
  endpoint: '203.0.113.9:40000',
  lastHandshake: new Date(NOW.getTime() - 65_000).toISOString(),
  rxBytes: 1536,
  txBytes: 3 * 1024 ** 3,
  connected: true,
  conditions: [ready('True', 'Ready')],
});
const own = withStatus(peer('own', { publicKey: key(7) }), { conditions: [ready('True', 'Ready')] });
const phone = withStatus(peer('phone'), { conditions: [ready('False', 'Expired')] });

/** Runs the verb before a cluster that has these peers, and Secrets by name. */
async function run(
  args: readonly string[],
  world: {
    readonly secrets?: Readonly<Record<string, string>>;
    readonly refuse?: ApiError;
    readonly terminal?: boolean;
  } = {},
): Promise<string> {
  const parsed = parseCommand(args, verb.flags, verb.takesWords);
  if (parsed.kind === 'Help') return verb.help;
  let text = '';
  const cluster = {
    namespace: 'shop',
    list: async (
      resource: { readonly kind: string },
      { query }: { query?: { fieldSelector?: string } } = {},
    ) => {
      const all = resource.kind === 'VPN' ? [vpn()] : [phone, laptop, own];
      const name = query?.fieldSelector?.replace('metadata.name=', '');
      return all.filter(({ metadata }) => name === undefined || metadata.name === name);
    },
    transport: {
      request: async (_: string, path: string) => {
        const file = world.secrets?.[path.split('/').at(-1) ?? ''];
        if (world.refuse) throw world.refuse;
        if (file === undefined) throw new ApiError({ status: 404, reason: 'NotFound', message: 'no' });
        return { data: { 'wg0.conf': Buffer.from(file).toString('base64') } };
      },
    },
  } as unknown as Cluster;
  await verb.run({
    cluster,
    common: parsed.common,
    flags: parsed.flags,
    words: parsed.words,
    clock: { ...systemClock, now: () => NOW.getTime() },
    paint: plain,
    terminal: world.terminal ?? false,
    signal: new AbortController().signal,
    write: (more) => {
      text += more;
    },
  });
  return text;
}

describe('kubectl heddle vpn show', () => {
  const secrets = { 'heddle-vpnpeer-laptop': FILE, 'heddle-vpnpeer-phone': FILE };

  test('prints the file of the peer’s Secret as it is', async () => {
    expect(await run(['show', 'laptop'], { secrets })).toBe(FILE);
    expect(JSON.parse(await run(['show', 'laptop', '-o', 'json'], { secrets }))).toEqual({
      namespace: 'shop',
      peer: 'laptop',
      vpn: 'branch',
      file: FILE,
    });
  });

  test('says in a remark of the file when the peer may not connect', async () => {
    expect(await run(['show', 'phone'], { secrets })).toBe(`# Not now: Expired it is\n${FILE}`);
  });

  test('draws with --qr the file without its remarks, and says below why the peer may not connect', async () => {
    const drawn = drawQr(FILE, { coloured: false });
    const remarks = { 'heddle-vpnpeer-laptop': `# Peer laptop\n${FILE}`, 'heddle-vpnpeer-phone': FILE };
    expect(await run(['show', 'laptop', '--qr'], { secrets: remarks })).toBe(drawn);
    expect(await run(['show', 'phone', '--qr'], { secrets: remarks })).toBe(
      `${drawn}Not now: Expired it is\n`,
    );
    expect(await run(['show', 'laptop', '--qr'], { secrets, terminal: true })).toBe(
      drawQr(FILE, { coloured: true }),
    );
  });

  test('draws no file that lacks its private key, and none that is too long', async () => {
    const files = { 'heddle-vpnpeer-own': FILE, 'heddle-vpnpeer-laptop': `${FILE}${'x'.repeat(3000)}` };
    await expect(run(['show', 'own', '--qr'], { secrets: files })).rejects.toThrow(
      'VPNPeer shop/own has spec.publicKey: its file lacks the private key',
    );
    expect(await run(['show', 'own'], { secrets: files })).toBe(FILE);
    await expect(run(['show', 'laptop', '--qr'], { secrets: files })).rejects.toThrow(
      `holds 2953 bytes and the file has ${FILE.length + 3000}`,
    );
  });

  test('says what is in the way: no such peer, no file yet, no right', async () => {
    await expect(run(['show', 'nobody'], { secrets })).rejects.toThrow('there is no VPNPeer shop/nobody');
    await expect(run(['show', 'phone'])).rejects.toThrow(
      'VPNPeer shop/phone has no file: VPNPeer, Ready (Expired): Expired it is',
    );
    const refuse = new ApiError({ status: 403, reason: 'Forbidden', message: 'no' });
    await expect(run(['show', 'laptop'], { refuse })).rejects.toThrow(
      'you may not get secrets in namespace shop',
    );
  });

  test.each([
    [['show'], 'name the peer'],
    [['show', 'a', 'b'], 'one word too many'],
    [['shout'], 'is not show or peers'],
    [['show', 'laptop', '-A'], '--all-namespaces'],
    [['show', 'laptop', '--qr', '-o', 'json'], 'leave one out'],
    [['peers', '--qr'], '--qr: it is a flag of vpn show'],
  ])('%j is refused', async (args, message) => {
    await expect(run(args)).rejects.toThrow(message);
  });
});

describe('kubectl heddle vpn peers', () => {
  test('prints a table', () => {
    const table = formatPeers([laptop, phone], { now: NOW.getTime(), paint: plain, withNamespace: false });
    expect(table).toBe(
      `PEER     VPN      ADDRESS             ENDPOINT            HANDSHAKE   RX        TX        STATE
laptop   branch   10.99.0.5,fd99::5   203.0.113.9:40000   65s         1.5 KiB   3.0 GiB   Connected
phone    branch   -                   -                   never       0 B       0 B       Expired
`,
    );
  });

  test('says of a peer that it may have a former file', () => {
    const changed = withStatus(laptop, {
      ...laptop.status,
      conditions: [ready('True', 'Ready'), ready('False', 'FileChanged', 'FileCurrent')],
    });
    const table = formatPeers([changed], { now: NOW.getTime(), paint: plain, withNamespace: false });
    expect(table).toContain('Connected, FileChanged');
    const remarks = withRemark(FILE, {
      status: {
        conditions: [
          ready('True', 'Ready'),
          ready('False', 'DnsOutsideRoutes', 'DnsRouted'),
          ready('False', 'FileChanged', 'FileCurrent'),
        ],
      },
    });
    expect(remarks).toBe(`# DNS: DnsOutsideRoutes it is\n# Changed: FileChanged it is\n${FILE}`);
  });

  test('has namespaces with -A, and only the peers of the VPN that is named', async () => {
    expect(await run(['peers', '-A'])).toMatch(/^NAMESPACE {3}PEER/);
    expect(await run(['peers', 'branch'])).toContain('laptop');
    expect(await run(['peers', 'other'])).toBe('No peers in namespace shop.\n');
    expect(JSON.parse(await run(['peers', '-o', 'json']))).toMatchObject([
      { name: 'laptop' },
      { name: 'own' },
      { name: 'phone' },
    ]);
  });

  test('says ages and amounts as people do', () => {
    expect([0, 119_000, 120_000, 7_300_000, 200_000_000].map(formatAge)).toEqual([
      '0s',
      '119s',
      '2m',
      '2h',
      '2d',
    ]);
    expect([0, 1023, 1024, 5.5 * 1024 ** 2].map(formatBytes)).toEqual([
      '0 B',
      '1023 B',
      '1.0 KiB',
      '5.5 MiB',
    ]);
  });
});

// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from 'vitest';
import { ToolError, type Tools } from '../../../../functions/shared/tools.ts';
import { Gateway } from '../../../../functions/vpn/gateway.ts';
import type { GatewayState } from '../../../../functions/vpn/render.ts';
import { CLOSED } from '../../../../functions/vpn/ruleset.ts';
import { createLogger } from '../../../../kube/base/log.ts';
import { FakeClock } from '../../kube/base/fake-clock.ts';
import { key } from '../../operator/vpn-world.ts';

const state = (role: GatewayState['role'], more: Partial<GatewayState> = {}): GatewayState => ({
  role,
  privateKey: key(7),
  listenPort: 51820,
  mtu: 1360,
  addresses: ['10.99.0.1'],
  peers: [{ publicKey: key(1), presharedKey: undefined, allowedIPs: ['10.99.0.5/32'] }],
  endpoints: new Map([[key(1), '203.0.113.9:4000']]),
  routes: { 4: [], 6: [] },
  ownRoutes: { 4: [], 6: [] },
  ruleset: CLOSED,
  ...more,
});

/** A gateway whose tools only remember what they were told; WireGuard knows what it was given. */
function start(options: { readonly fails?: (command: string) => boolean } = {}) {
  const said: string[] = [];
  const rulesets: string[] = [];
  let peers = '';
  const answer = (command: string): string => {
    if (options.fails?.(command)) throw new ToolError(`${command}: no`);
    if (command.includes('link show')) return '[{"linkinfo":{"info_kind":"wireguard"}}]';
    if (command === 'wg show wg0 dump') return `${key(7)}\t${key(8)}\t51820\toff\n${peers}`;
    if (command.includes('addr show'))
      return '[{"mtu":1360,"addr_info":[{"local":"10.99.0.1","scope":"global"}]}]';
    if (command.includes('rule show')) return '[]';
    return '';
  };
  const tools: Tools = {
    run: async (program, args) => {
      const command = [program, ...args].join(' ');
      said.push(command);
      return answer(command);
    },
    runWith: async (program, texts, args) => {
      const command = [program, ...args(texts.map(() => 'FILE'))].join(' ');
      said.push(command);
      return answer(command);
    },
  };
  const clock = new FakeClock();
  const gateway = new Gateway({
    tools,
    nft: {
      run: async () => '',
      transact: async (commands) => void rulesets.push(commands),
    },
    log: createLogger({ name: 'test', level: 'silent' }),
    clock,
    applySysctls: async () => void said.push('sysctls'),
  });
  return {
    gateway,
    clock,
    rulesets,
    /** The commands since the last question; those that only read are left out. */
    told: () => said.splice(0).filter((command) => !/\bshow\b/.test(command)),
    hear: (handshake: number) => {
      peers = `${key(1)}\t(none)\t203.0.113.9:4000\t10.99.0.5/32\t${handshake}\t1\t1\toff\n`;
    },
  };
}

const DOWN = 'ip link set wg0 down';
const UP = 'ip link set wg0 up';

describe('a gateway', () => {
  test('that gives up its role takes its tunnel down, and leaves it down', async () => {
    const { gateway, told } = start();
    await gateway.apply(state('Active'));
    expect(told()).toContain(UP);
    await gateway.apply(state('Standby'));
    const commands = told();
    expect(commands).toContain(DOWN);
    expect(commands).not.toContain(UP);
    expect(gateway.role).toBe('Standby');
  });

  test('that stands by takes its tunnel down before it gives it peers', async () => {
    const { gateway, told } = start();
    await gateway.apply(state('Standby'));
    const commands = told();
    expect(commands).not.toContain(UP);
    const peer = commands.findIndex((command) => command.includes('peer'));
    expect(peer).toBeGreaterThan(commands.indexOf(DOWN));
    expect(commands.indexOf(DOWN)).toBeGreaterThanOrEqual(0);
  });

  test('that is active brings its tunnel up after its peers are there, and its filter is in force before', async () => {
    const { gateway, told, rulesets } = start();
    await gateway.close();
    expect(rulesets).toHaveLength(1);
    await gateway.apply(state('Active'));
    const commands = told();
    expect(commands.indexOf(UP)).toBeGreaterThan(commands.findIndex((command) => command.includes('peer')));
    expect(commands).not.toContain(DOWN);
    expect(gateway.role).toBe('Active');
  });

  test('writes its filter only when it differs', async () => {
    const { gateway, rulesets } = start();
    await gateway.apply(state('Active'));
    await gateway.apply(state('Active'));
    expect(rulesets).toHaveLength(1);
    await gateway.apply(state('Active', { ruleset: { ...CLOSED, counters: ['more'] } }));
    expect(rulesets).toHaveLength(2);
  });

  test('that becomes active begins handshakes with connected peers until they answer', async () => {
    const { gateway, told, clock, hear } = start();
    await gateway.apply(state('Standby'));
    told();
    await gateway.apply(state('Active'));
    const calls = (commands: readonly string[]) =>
      commands.filter((command) => command.includes('203.0.113.9:4000')).length;
    expect(calls(told())).toBe(1);
    await clock.advance(600);
    expect(calls(told())).toBe(1);
    hear(Math.floor(clock.now() / 1000));
    await clock.advance(600);
    expect(calls(told())).toBe(0);
    expect(clock.waiting).toBe(0);
  });

  test('that stands by again speaks to nobody any more', async () => {
    const { gateway, told, clock } = start();
    await gateway.apply(state('Standby'));
    await gateway.apply(state('Active'));
    await gateway.apply(state('Standby'));
    told();
    expect(clock.waiting).toBe(0);
    await clock.advance(10_000);
    expect(told()).toEqual([]);
  });

  test('whose tunnel cannot be taken down does not count as standing by', async () => {
    let broken = false;
    const { gateway } = start({ fails: (command) => broken && command === DOWN });
    await gateway.apply(state('Active'));
    broken = true;
    await expect(gateway.apply(state('Standby'))).rejects.toThrow('no');
    expect(gateway.role).toBe('Active');
    broken = false;
    await gateway.apply(state('Standby'));
    expect(gateway.role).toBe('Standby');
  });
});

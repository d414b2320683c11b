// SPDX-License-Identifier: Apache-2.0
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { decodeSourceKey } from '../../../agent/render/generated/layout.ts';
import { parseAddress } from '../../../api/net/address.ts';
import { mappedBytes } from '../../../api/net/mapped.ts';
import { renderRuleset } from '../../../functions/loadbalancer/render.ts';
import type { World } from '../world/world.ts';
import {
  addInstance,
  type BalancerWorld,
  createBalancerWorld,
  FAMILIES,
  OWN_CHAIN,
  PODS,
  picture,
  SERVERS,
} from './bed.ts';
import { REFUSED, SHARED_PORT } from './clients.ts';

/** A second load balancer with the same backends and the same target port. */
const OTHER = { 4: '10.20.0.101', 6: 'fd20::101' } as const;
const OTHER_CHAIN = {
  ...OWN_CHAIN,
  name: 'api.lb',
  pathId: 13,
  to: { any: false, addresses: Object.values(OTHER) },
  virtual: Object.values(OTHER),
  hops: [{ instances: ['l3'] }],
};
/** Listeners of the first load balancer, beside those of `picture` that have the same target port. */
const TWINS = [
  { name: 'http-too', protocol: 'tcp', port: 81, targetPort: 8080 },
  { name: 'dns-too', protocol: 'udp', port: 54, targetPort: 8080 },
] as const;
const TWIN_PORTS = [
  { protocol: 'TCP', port: 81, targetPort: 8080 },
  { protocol: 'UDP', port: 54, targetPort: 8080 },
] as const;
const KINDS = (['TCP', 'UDP'] as const).flatMap((protocol) =>
  FAMILIES.map((family) => ({ protocol, family })),
);
/**
 * Ports of a run, below those to which flows are moved, so that none of them is held. Of three servers, two balancers
 * choose the same for a third of the ports.
 */
const PORTS = 24;
const WORDS = 12;

describe('two load balancers with the same backends and target port, and a client that uses a source port again', () => {
  let bed: BalancerWorld;
  let world: World;

  beforeAll(async () => {
    bed = await createBalancerWorld();
    ({ world } = bed);
    const table = await addInstance(world, { id: 3, node: 'two', balancer: 'api' });
    await table.apply(renderRuleset({ ...picture, addresses: OTHER, seed: 8 }));
    await bed.apply({ ...picture, listeners: [...picture.listeners, ...TWINS] });
    await world.setChains([
      { ...OWN_CHAIN, listeners: [...OWN_CHAIN.listeners!, ...TWIN_PORTS] },
      OTHER_CHAIN,
    ]);
  }, 120_000);
  afterAll(() => bed?.close());

  const talk = async (protocol: string, first: number, ...targets: readonly string[]): Promise<string> => {
    const args = [protocol, String(first), String(PORTS), String(WORDS), ...targets];
    return (await world.exec('client', ['python3', '-c', SHARED_PORT, ...args])).trim();
  };
  /** How many flows from ports of a run to a target have another port on the network. */
  const moved = async (protocol: string, first: number, target: string): Promise<number> => {
    const [host = '', port] = target.split('@');
    const bytes = mappedBytes(parseAddress(host));
    const maps = ['sources', 'spilled_sources'] as const;
    const entries = await Promise.all(maps.map((map) => world.dumpMap('one', map)));
    const keys = entries.flat().map(({ key }) => decodeSourceKey(key));
    return keys.filter(
      (key) =>
        key.protocol === (protocol === 'TCP' ? 6 : 17) &&
        key.port >= first &&
        key.port < first + PORTS &&
        key.farPort === Number(port) &&
        Buffer.compare(key.far, bytes) === 0,
    ).length;
  };

  describe.each(KINDS)('$protocol over IPv$family', ({ protocol, family }) => {
    const port = protocol === 'TCP' ? 80 : 53;
    const vip = picture.addresses[family]!;
    const others = [`${vip}@${port}`, `${OTHER[family]}@${port}`];
    const servers = SERVERS.map((name) => `${PODS[name][family]}@8080`);

    test('flows to both are apart', async () => {
      expect(await talk(protocol, 20_100, ...others)).toBe('ok');
      expect(await moved(protocol, 20_100, others[1]!)).toBe(PORTS);
    });

    test('a flow to one, and then to every server directly', async () => {
      expect(await talk(protocol, 20_200, others[0]!, ...servers)).toBe('ok');
    });

    test('a flow to every server directly, and then to both', async () => {
      expect(await talk(protocol, 20_300, ...servers, ...others)).toBe('ok');
    });

    test('a moved flow that is refused gets the error, and the other flow continues', async () => {
      const nobody = `${OTHER[family]}@99`;
      const args = [protocol, '20600', others[0]!, nobody];
      const said = await world.exec('client', ['python3', '-c', REFUSED, ...args]);
      expect(said.trim()).toBe('refused ok');
      expect(await moved(protocol, 20_600, nobody)).toBe(1);
    });

    test('flows to two listeners with one target port, and directly', async () => {
      const both = [`${vip}@${port}`, `${vip}@${port + 1}`];
      expect(await talk(protocol, 20_700, ...both)).toBe('ok');
      expect(await moved(protocol, 20_700, both[1]!)).toBe(PORTS);
      expect(await talk(protocol, 20_800, ...both.toReversed(), ...servers)).toBe('ok');
    });

    test('a flow to one alone keeps its port', async () => {
      expect(await talk(protocol, 20_400, others[0]!)).toBe('ok');
      expect(await moved(protocol, 20_400, others[0]!)).toBe(0);
      expect(await talk(protocol, 20_500, ...servers)).toBe('ok');
      for (const server of servers) expect(await moved(protocol, 20_500, server)).toBe(0);
    });
  });
});

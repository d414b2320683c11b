// SPDX-License-Identifier: Apache-2.0
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { BackendPicture, Picture } from '../../../functions/loadbalancer/picture.ts';
import { renderRuleset } from '../../../functions/loadbalancer/render.ts';
import { needs } from '../../support/needs.ts';
import { missingForBed, run } from '../firewall/shell.ts';
import { addressOf, type Ground, makeGround, VIP } from './ground.ts';

const HOSTS = ['client', 's1', 's2', 's3'] as const;
const PORTS = [8080, 8081] as const;
/** Longer than a busy machine takes for a few flows, shorter than the test. */
const AFFINITY_SECONDS = 5;

/** The picture of a balancer before the backends s1.. with these weights; 0 takes none. */
function picture(weights: readonly number[], change: Partial<Picture> = {}): Picture {
  const backends = weights.flatMap((weight, i): BackendPicture[] =>
    ([4, 6] as const).map((family) => ({
      address: addressOf(i + 1)[family],
      family,
      weight,
      takes: weight > 0,
      keeps: true,
    })),
  );
  return {
    addresses: VIP,
    listeners: [
      { name: 'http', protocol: 'tcp', port: 80, targetPort: 8080 },
      { name: 'alt', protocol: 'tcp', port: 81, targetPort: 8081 },
      { name: 'dns', protocol: 'udp', port: 53, targetPort: 8080 },
    ],
    affinitySeconds: undefined,
    backends,
    seed: 7,
    checks: undefined,
    ...change,
  };
}

const count = (answers: readonly { answer?: string; error?: string }[]): Record<string, number> => {
  const counts: Record<string, number> = {};
  for (const { answer, error } of answers) {
    const name = answer?.split(' ')[0] ?? error ?? '';
    counts[name] = (counts[name] ?? 0) + 1;
  }
  return counts;
};

describe('load balancer: the ruleset', needs(missingForBed()), () => {
  let ground: Ground;
  const apply = (next: Picture, instances: readonly string[] = ['lb-a', 'lb-b']): Promise<unknown> =>
    Promise.all(instances.map((name) => ground.instances[name]!.table.apply(renderRuleset(next))));
  const forget = (name: string): Promise<string> =>
    run('ip', 'netns', 'exec', ground.instances[name]!.namespace, 'conntrack', '-F').catch(() => '');

  beforeAll(async () => {
    ground = await makeGround({ hosts: HOSTS, instances: ['lb-a', 'lb-b'] });
    for (const name of HOSTS) await ground.hosts[name]!.serve(name, PORTS);
    await apply(picture([100, 100, 100]));
  }, 120_000);
  afterAll(() => ground?.close(), 60_000);

  for (const family of [4, 6] as const) {
    const host = VIP[family];

    test(`IPv${family}: new flows spread evenly, TCP and UDP, and backends see the client's address`, async () => {
      const client = ground.hosts.client!;
      for (const answers of [
        await client.tcp({ host, port: 80, count: 900 }),
        await client.udp({ host, port: 53, count: 900 }),
      ]) {
        const counts = count(answers);
        expect(Object.keys(counts).sort()).toEqual(['s1', 's2', 's3']);
        for (const each of Object.values(counts)) expect(each).toBeGreaterThan(220);
        expect(new Set(answers.map(({ answer }) => answer?.split(' ')[1]))).toEqual(
          new Set([addressOf(0)[family]]),
        );
      }
    });

    test(`IPv${family}: weights are shares, and weight 0 takes nobody new`, async () => {
      await apply(picture([300, 100, 0]));
      const counts = count(await ground.hosts.client!.tcp({ host, port: 80, count: 800 }));
      expect(Object.keys(counts).sort()).toEqual(['s1', 's2']);
      expect(counts.s1! / counts.s2!).toBeGreaterThan(2.2);
      expect(counts.s1! / counts.s2!).toBeLessThan(4);
      await apply(picture([100, 100, 100]));
    });

    test(`IPv${family}: a flow that meets another instance in its midst goes on, whoever speaks first`, async () => {
      const client = ground.hosts.client!;
      for (const [there, back] of [
        ['lb-b', 'lb-b'],
        ['lb-a', 'lb-b'],
        ['lb-b', 'lb-a'],
      ] as const) {
        await ground.steer({ there: 'lb-a', back: 'lb-a' });
        await forget('lb-b');
        const keys = Array.from({ length: 12 }, (_, i) => `${family}-${there}-${back}-${i}`);
        const before = await Promise.all(keys.map((key) => client.open({ key, host, port: 80 })));
        const dns = await client.open({ key: `${there}-${back}-dns`, host, port: 53, udp: true });
        await ground.steer({ there, back });
        await forget('lb-a');
        const said = await Promise.all(keys.map((key) => client.say(key, 'still there?')));
        expect(count(before).undefined).toBe(undefined);
        expect(said.map(({ answer, error }) => answer ?? error)).toEqual(keys.map(() => 'still there?'));
        expect(await client.say(`${there}-${back}-dns`, 'x')).toMatchObject({ answer: dns.answer });
        await ground.steer({ there: 'lb-a', back: 'lb-a' });
      }
    });

    test(`IPv${family}: the backend may speak first to an instance that knows nothing of the flow`, async () => {
      const client = ground.hosts.client!;
      const opened = await client.open({ key: `push-${family}`, host, port: 81 });
      await ground.steer({ there: 'lb-b', back: 'lb-b' });
      await forget('lb-b');
      // Said by the backend in a second, when nobody has said anything before.
      const server = ground.hosts[opened.answer!.split(' ')[0]!]!;
      await server.push('news');
      expect(await client.hear(`push-${family}`)).toMatchObject({ answer: 'news' });
      expect(await client.say(`push-${family}`, 'thanks')).toMatchObject({ answer: 'thanks' });
      await ground.steer({ there: 'lb-a', back: 'lb-a' });
    });

    test(`IPv${family}: the last packets of a connection pass through an instance that has no state of it`, async () => {
      const client = ground.hosts.client!;
      await client.open({ key: `last-${family}`, host, port: 80 });
      await ground.steer({ there: 'lb-b', back: 'lb-b' });
      await forget('lb-b');
      expect((await client.end(`last-${family}`, 'goodbye')).answer).toContain('heard goodbye;CLOSED');
      await ground.steer({ there: 'lb-a', back: 'lb-a' });
    });

    test(`IPv${family}: flows of a backend that is gone are reset at their next packet, new ones go elsewhere, others stay`, async () => {
      const client = ground.hosts.client!;
      const keys = Array.from({ length: 12 }, (_, i) => `gone-${family}-${i}`);
      const opened = await Promise.all(keys.map((key) => client.open({ key, host, port: 80 })));
      const lines = await Promise.all(
        keys.map((key) => client.open({ key: `udp-${key}`, host, port: 53, udp: true })),
      );
      const sick = (backend: BackendPicture): BackendPicture =>
        backend.address === addressOf(1)[family] ? { ...backend, takes: false, keeps: false } : backend;
      const all = picture([100, 100, 100]);
      await apply({ ...all, backends: all.backends.map(sick) });
      const said = await Promise.all(keys.map((key) => client.say(key, 'you?')));
      expect(said.map(({ answer, error }) => answer ?? error)).toEqual(
        opened.map(({ answer }) => (answer?.startsWith('s1') ? 'ECONNRESET' : 'you?')),
      );
      expect(said.filter(({ error }) => error).length).toBeGreaterThan(0);
      expect(Math.max(...said.map(({ ms }) => ms))).toBeLessThan(200);
      const asked = await Promise.all(keys.map((key) => client.say(`udp-${key}`, 'you?')));
      expect(asked.map(({ answer, error }) => answer ?? error)).toEqual(
        lines.map(({ answer }) => (answer?.startsWith('s1') ? 'ECONNREFUSED' : answer)),
      );
      expect(Object.keys(count(await client.tcp({ host, port: 80, count: 100 }))).sort()).toEqual([
        's2',
        's3',
      ]);
      await apply(picture([100, 100, 100]));
    });

    test(`IPv${family}: without a backend, and on a port that is no listener's, clients hear so at once`, async () => {
      const client = ground.hosts.client!;
      await apply(picture([0, 0, 0]));
      const refused = await client.tcp({ host, port: 80, count: 5 });
      const unreachable = await client.udp({ host, port: 53, count: 5 });
      await apply(picture([100, 100, 100]));
      const closed = await client.tcp({ host, port: 443, count: 5 });
      for (const each of [...refused, ...unreachable, ...closed]) {
        expect(each.error).toBe('ECONNREFUSED');
        expect(each.ms).toBeLessThan(200);
      }
    });

    test(`IPv${family}: a backend that asks its own balancer is served, by itself too`, async () => {
      const counts = count(await ground.hosts.s1!.tcp({ host, port: 80, count: 60 }));
      expect(Object.keys(counts).sort()).toEqual(['s1', 's2', 's3']);
      await apply(picture([100, 0, 0]));
      const itself = await ground.hosts.s1!.tcp({ host, port: 80, count: 3 });
      expect(itself.map(({ answer }) => answer)).toEqual([1, 2, 3].map(() => `s1 ${host}`));
      // And through an instance that did not see it begin.
      await ground.hosts.s1!.open({ key: 'self', host, port: 80 });
      await ground.steer({ there: 'lb-b', back: 'lb-b' });
      await forget('lb-b');
      expect(await ground.hosts.s1!.say('self', 'me')).toMatchObject({ answer: 'me' });
      await ground.steer({ there: 'lb-a', back: 'lb-a' });
      await apply(picture([100, 100, 100]));
    });

    test(`IPv${family}: with affinity all flows of a client go to one backend, on every instance, and stay when others come`, async () => {
      const client = ground.hosts.client!;
      await apply(picture([100, 100, 0], { affinitySeconds: AFFINITY_SECONDS }));
      const [first, ...more] = Object.keys(count(await client.tcp({ host, port: 80, count: 50 })));
      expect(more).toEqual([]);
      await ground.steer({ there: 'lb-b', back: 'lb-b' });
      expect(Object.keys(count(await client.udp({ host, port: 53, count: 20 })))).toEqual([first]);
      // Its slot is another's now; the client is remembered for some seconds after its last new flow.
      const all = picture(first === 's1' ? [1, 256, 256] : [256, 1, 256], {
        affinitySeconds: AFFINITY_SECONDS,
      });
      await apply(all);
      for (let i = 0; i < 6; i += 1) {
        expect(Object.keys(count(await client.tcp({ host, port: 80, count: 5 })))).toEqual([first]);
        await new Promise((resolve) => setTimeout(resolve, 1000));
      }
      await apply(picture(first === 's1' ? [0, 100, 0] : [100, 0, 0], { affinitySeconds: AFFINITY_SECONDS }));
      const next = Object.keys(count(await client.tcp({ host, port: 80, count: 10 })));
      expect(next).not.toContain(first);
      expect(next).toHaveLength(1);
      // The new choice is remembered in place of the old one: almost all slots are the third backend's now.
      await apply(picture(first === 's1' ? [0, 1, 256] : [1, 0, 256], { affinitySeconds: AFFINITY_SECONDS }));
      expect(Object.keys(count(await client.tcp({ host, port: 80, count: 10 })))).toEqual(next);
      await ground.steer({ there: 'lb-a', back: 'lb-a' });
      await apply(picture([100, 100, 100]));
    });
  }

  test('an edit under load loses nobody: backends come and go, listeners too', async () => {
    const client = ground.hosts.client!;
    for (const family of [4, 6] as const)
      await client.load({ key: `load-${family}`, host: VIP[family], port: 80 });
    for (let i = 0; i < 8; i += 1) {
      const weights = [100, i % 2 ? 100 : 0, i % 3 ? 50 : 200];
      const { listeners } = picture(weights);
      await apply(picture(weights, { listeners: i % 2 ? listeners : listeners.slice(0, 1) }));
    }
    for (const family of [4, 6] as const) {
      const { good, bad } = await client.unload(`load-${family}`);
      expect(bad).toEqual([]);
      expect(good).toBeGreaterThan(200);
    }
    await apply(picture([100, 100, 100]));
  }, 240_000);

  test('a thousand backends and a hundred listeners are one transaction, and an edit of them is a small one', async () => {
    const many = (without: number): Picture => ({
      ...picture([]),
      listeners: Array.from({ length: 100 }, (_, i) => ({
        name: `l${i}`,
        protocol: 'tcp',
        port: 1000 + i,
        targetPort: 2000 + i,
      })),
      backends: Array.from({ length: 1000 }, (_, i) => ({
        address: `10.40.${i >> 8}.${i & 255}`,
        family: 4 as const,
        weight: 100,
        takes: i !== without,
        keeps: i !== without,
      })),
    });
    const timed = async (next: Picture): Promise<number> => {
      const started = performance.now();
      await apply(next, ['lb-b']);
      return performance.now() - started;
    };
    const whole = await timed(many(-1));
    const edit = await timed(many(500));
    console.info(`1,000 backends, 100 listeners: ${whole.toFixed(0)} ms, without one ${edit.toFixed(0)} ms`);
    expect(edit).toBeLessThan(whole);
    await apply(picture([100, 100, 100]));
  }, 60_000);
});

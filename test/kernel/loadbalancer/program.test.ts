// SPDX-License-Identifier: Apache-2.0
import { type ChildProcess, spawn } from 'node:child_process';
import { resolve as resolvePath } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { BackendReport } from '../../../api/report.ts';
import { needs } from '../../support/needs.ts';
import { type ApiServer, missingApiServer, startApiServer } from '../firewall/api-server.ts';
import { missingForBed, NODE, run } from '../firewall/shell.ts';
import { addressOf, type Ground, makeGround, PATH, VIP } from './ground.ts';

const ROOT = resolvePath(import.meta.dirname, '../../..');
const PATIENCE = { timeout: 20_000, interval: 100 };
const HOSTS = ['client', 's1', 's2', 's3'] as const;
const CHECK = { intervalMs: 200, unhealthyAfter: 3 };
/** How long a sick backend may stay: docs/load-balancer.md. */
const OUT_MS = CHECK.intervalMs * CHECK.unhealthyAfter + 200;
/** A busy machine with two processors takes several times what an idle one does. */
const BUSY = 10;

interface Report {
  readonly generation: number;
  readonly error: { readonly field: string; readonly message: string } | null;
  readonly backends: readonly BackendReport[];
}

/** The IP versions of some addresses. */
function families(addresses: readonly string[]): readonly (4 | 6)[] {
  return ([4, 6] as const).filter((family) =>
    addresses.some((each) => each.includes(':') === (family === 6)),
  );
}

/** The whole program in a function's namespace, before a real API server. */
describe('load balancer: the program', needs(missingForBed() ?? missingApiServer()), () => {
  let ground: Ground;
  let api: ApiServer;
  let program: ChildProcess;
  let output = '';
  const namespace = (): string => ground.instances['lb-a']!.namespace;

  const get = async (path: string): Promise<{ status: number; text: string }> => {
    const script = `fetch('http://127.0.0.1:9471${path}').then(async r => console.log(JSON.stringify({ status: r.status, text: await r.text() })), e => console.log(JSON.stringify({ status: 0, text: String(e) })))`;
    return JSON.parse(await run('ip', 'netns', 'exec', namespace(), NODE, '-e', script));
  };
  const report = async (): Promise<Report> => JSON.parse((await get('/report')).text) as Report;
  const states = async (): Promise<Record<string, string>> =>
    Object.fromEntries((await report()).backends.map(({ address, reason }) => [address, reason]));
  const HTTP = '{name: http, protocol: TCP, port: 80, targetPort: 8080}';
  const edit = (
    hosts: readonly number[],
    more = '',
    {
      listeners = [HTTP],
      drainSeconds = 600,
      addresses = [VIP[4], VIP[6]],
    }: {
      listeners?: readonly string[];
      drainSeconds?: number;
      addresses?: readonly string[];
    } = {},
  ): Promise<void> =>
    api.apply(`apiVersion: heddle.dev/v1alpha1
kind: LoadBalancer
metadata: {name: web, namespace: default}
spec:
  network: shop
  addresses: [${addresses.map((each) => `'${each}'`).join(', ')}]
  drainSeconds: ${drainSeconds}
  listeners: [${listeners.join(', ')}]
  backends: {addresses: [${hosts.flatMap((i) => families(addresses).map((family) => `{address: '${addressOf(i)[family]}'}`)).join(', ')}]}
  healthCheck: {http: {path: /healthz, port: 9090}, intervalMs: ${CHECK.intervalMs}, unhealthyAfter: ${CHECK.unhealthyAfter}}
${more}`);
  /** When after `started` the program said that a backend fails its checks; throws while it has not. */
  const whenSick = (address: string, started: number): number => {
    const times = output.split('\n').flatMap((line) => {
      if (!line.includes('"CheckFailed"') || !line.includes(`"${address}"`)) return [];
      return [Date.parse(JSON.parse(line).time) - (performance.timeOrigin + started)];
    });
    const after = times.find((ms) => ms > 0);
    if (after === undefined) throw new Error(`${address} is not said to be sick`);
    return after;
  };
  const openTo = async (server: string, prefix: string): Promise<string> => {
    for (let i = 0; i < 60; i += 1) {
      const key = `${prefix}-${i}`;
      const { answer } = await ground.hosts.client!.open({ key, host: VIP[4], port: 80 });
      if (answer?.startsWith(server)) return key;
    }
    throw new Error(`no flow reaches ${server}`);
  };

  beforeAll(async () => {
    ground = await makeGround({ hosts: HOSTS, instances: ['lb-a'] });
    for (const name of HOSTS) {
      await ground.hosts[name]!.serve(name, [8080, 8081]);
      await ground.hosts[name]!.serveHealth(9090);
    }
    api = await startApiServer(namespace());
    await api.kubectl('apply', '--server-side', '-f', `${ROOT}/crds/loadbalancers.yaml`);
    await api.kubectl('wait', '--for=condition=Established', 'crd/loadbalancers.heddle.dev', '--timeout=60s');
    await api.apply(
      JSON.stringify({
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { name: 'heddle-loadbalancer-web-peers', namespace: 'default' },
        data: {
          'peers.json': JSON.stringify({
            paths: [{ pathId: PATH, vni: 4097, position: 0 }],
            selectors: {},
          }),
        },
      }),
    );
    program = spawn('ip', ['netns', 'exec', namespace(), NODE, 'functions/loadbalancer/main.ts'], {
      cwd: ROOT,
      env: {
        ...process.env,
        KUBECONFIG: api.kubeconfig,
        HEDDLE_KIND: 'LoadBalancer',
        HEDDLE_NAMESPACE: 'default',
        HEDDLE_NAME: 'web',
        HEDDLE_POD: 'web-1',
        HEDDLE_PORT: '9471',
        HEDDLE_PEERS: 'heddle-loadbalancer-web-peers',
      },
    });
    for (const stream of [program.stdout!, program.stderr!]) {
      stream.on('data', (data) => {
        output += String(data);
      });
    }
  }, 240_000);
  afterAll(async () => {
    if (process.env.TEST_OUTPUT) console.info(output);
    program?.kill('SIGKILL');
    await api?.close();
    await ground?.close();
  }, 60_000);

  test('before its object is there it is alive, not ready, and answers nobody', async () => {
    await vi.waitFor(async () => expect((await get('/healthz')).status).toBe(200), PATIENCE);
    expect((await get('/readyz')).status).toBe(503);
    expect(await ground.hosts.client!.tcp({ host: VIP[4], port: 80, count: 1 })).toMatchObject([
      { error: expect.stringMatching(/SILENCE|ETIMEDOUT/) },
    ]);
  }, 120_000);

  test('with its object it asks its backends, through the network and by its own address, and serves', async () => {
    await edit([1, 2, 3]);
    await vi.waitFor(async () => expect((await get('/readyz')).status).toBe(200), PATIENCE);
    await vi.waitFor(
      async () => expect(new Set(Object.values(await states()))).toEqual(new Set(['Healthy'])),
      PATIENCE,
    );
    for (const host of [VIP[4], VIP[6]]) {
      const answers = await ground.hosts.client!.tcp({ host, port: 80, count: 60 });
      expect(new Set(answers.map(({ answer }) => answer?.split(' ')[0]))).toEqual(
        new Set(['s1', 's2', 's3']),
      );
    }
    expect([VIP[4], VIP[6]]).toContain(await ground.hosts.s1!.asker());
    expect((await get('/metrics')).text).toContain('heddle_loadbalancer_backends{reason="Healthy"} 6');
  }, 120_000);

  for (const [what, hurt, heal] of [
    ['fails its check', () => ground.hosts.s2!.health(503), () => ground.hosts.s2!.health(200)],
    ['answers nothing', () => ground.hosts.s2!.health(0), () => ground.hosts.s2!.health(200)],
    ['is cut off', () => ground.cut('s2'), () => ground.mend('s2')],
  ] as const) {
    test(`a backend that ${what} is out in time, its flows are reset, and it comes back`, async () => {
      const client = ground.hosts.client!;
      const key = await openTo('s2', what);
      const started = performance.now();
      await hurt();
      let elapsed = 0;
      for (;;) {
        const answers = await client.tcp({ host: VIP[4], port: 80, count: 24 });
        elapsed = performance.now() - started;
        if (!answers.some(({ answer, error }) => error !== undefined || answer?.startsWith('s2'))) break;
        expect(elapsed).toBeLessThan(10_000);
      }
      const said = await client.say(key, 'you?');
      console.info(
        `${what}: a client saw no new flow after ${elapsed.toFixed(0)} ms; ${JSON.stringify(said)}`,
      );
      expect(said).toMatchObject({ error: 'ECONNRESET' });
      expect(said.ms).toBeLessThan(300 * BUSY);
      // By the program's own clock: a client that waits for its connection would measure its own patience.
      const noticed = await vi.waitFor(() => whenSick(addressOf(2)[4], started), PATIENCE);
      console.info(`${what}: noticed after ${noticed.toFixed(0)} ms`);
      expect(noticed).toBeLessThan(OUT_MS * BUSY);
      await heal();
      await vi.waitFor(async () => expect((await states())[addressOf(2)[4]]).toBe('Healthy'), PATIENCE);
    }, 120_000);
  }

  test('with onUnhealthy Keep a sick backend takes no new flows and keeps its own; its message is that of the last check', async () => {
    const client = ground.hosts.client!;
    const key = await openTo('s2', 'kept');
    await edit([1, 2, 3], '  onUnhealthy: Keep');
    const saysOf2 = async (): Promise<string> => {
      const backend = (await report()).backends.find(({ address }) => address === addressOf(2)[4]);
      return `${backend?.reason} ${backend?.message}`;
    };
    for (const status of [503, 500]) {
      await ground.hosts.s2!.health(status);
      await vi.waitFor(
        async () => expect(await saysOf2()).toBe(`CheckFailed answered ${status}, expected 200-399`),
        PATIENCE,
      );
    }
    const answers = await client.tcp({ host: VIP[4], port: 80, count: 40 });
    expect(new Set(answers.map(({ answer }) => answer?.split(' ')[0]))).toEqual(new Set(['s1', 's3']));
    expect(await client.say(key, 'still?')).toMatchObject({ answer: 'still?' });
    // The field is read when a check has failed, not when a flow begins.
    await edit([1, 2, 3]);
    await vi.waitFor(
      async () => expect(await client.say(key, 'and now?')).toMatchObject({ error: 'ECONNRESET' }),
      PATIENCE,
    );
    await ground.hosts.s2!.health(200);
    await vi.waitFor(async () => expect(await saysOf2()).toBe('Healthy undefined'), PATIENCE);
  }, 120_000);

  test('a backend that is taken out of the list drains: no new flows, old ones for drainSeconds, then reset', async () => {
    const client = ground.hosts.client!;
    const key = await openTo('s3', 'drain');
    await edit([1, 2]);
    await vi.waitFor(async () => expect((await states())[addressOf(3)[4]]).toBe('Draining'), PATIENCE);
    expect(await client.say(key, 'still?')).toMatchObject({ answer: 'still?' });
    const answers = await client.tcp({ host: VIP[4], port: 80, count: 40 });
    expect(new Set(answers.map(({ answer }) => answer?.split(' ')[0]))).toEqual(new Set(['s1', 's2']));
    await edit([1, 2], '', { drainSeconds: 0 });
    await vi.waitFor(
      async () => expect(await client.say(key, 'and now?')).toMatchObject({ error: 'ECONNRESET' }),
      PATIENCE,
    );
  }, 120_000);

  const generation = async (): Promise<number> =>
    Number(await api.kubectl('get', 'lb', 'web', '-n', 'default', '-o', 'jsonpath={.metadata.generation}'));
  const applied = async (): Promise<void> => {
    const newest = await generation();
    await vi.waitFor(async () => expect((await report()).generation).toBe(newest), PATIENCE);
  };

  test('an address that is taken away drains as a listener does, the last one of an IP version too', async () => {
    const client = ground.hosts.client!;
    const DNS = '{name: dns, protocol: UDP, port: 53, targetPort: 8081}';
    const NEXT = '10.9.1.2';
    const listeners = [HTTP, DNS];
    const lines = [VIP[4], VIP[6]].flatMap((host, i) => [
      { key: `moved-tcp-${i}`, host, port: 80 },
      { key: `moved-udp-${i}`, host, port: 53, udp: true },
    ]);
    await edit([1, 2], '', { listeners });
    await applied();
    for (const line of lines) {
      expect(await client.open(line)).toMatchObject({ answer: expect.stringMatching(/^s[12] /) });
    }
    await edit([1, 2], '', { listeners, addresses: [NEXT] });
    await applied();
    for (const { key } of lines) {
      expect([key, await client.say(key, 'still?')]).toMatchObject([key, { answer: expect.anything() }]);
    }
    for (const host of [VIP[4], VIP[6]]) {
      expect(await client.tcp({ host, port: 80, count: 1 })).toMatchObject([{ error: 'ECONNREFUSED' }]);
    }
    await edit([1, 2], '', { listeners, addresses: [NEXT], drainSeconds: 0 });
    for (const { key, udp } of lines) {
      const error = udp ? 'ECONNREFUSED' : 'ECONNRESET';
      await vi.waitFor(
        async () => expect([key, await client.say(key, 'and now?', 500)]).toMatchObject([key, { error }]),
        PATIENCE,
      );
    }
    await edit([1, 2]);
    await applied();
    await vi.waitFor(async () => expect((await states())[addressOf(1)[6]]).toBe('Healthy'), PATIENCE);
    expect(await client.tcp({ host: VIP[6], port: 80, count: 1 })).toMatchObject([
      { answer: expect.stringMatching(/^s[12] /) },
    ]);
  }, 120_000);

  test('a listener that is taken out drains as a backend does, also for flows of fixed ports', async () => {
    const client = ground.hosts.client!;
    const lines = [
      { key: 'kept', host: VIP[4], port: 80 },
      { key: 'tcp', host: VIP[6], port: 81 },
      { key: 'udp-4', host: VIP[4], port: 53, udp: true },
      { key: 'udp-6', host: VIP[6], port: 53, udp: true },
    ];
    const listeners = [
      HTTP,
      '{name: more, protocol: TCP, port: 81, targetPort: 8081}',
      '{name: dns, protocol: UDP, port: 53, targetPort: 8081}',
    ];
    await edit([1, 2], '', { listeners });
    await applied();
    for (const line of lines) {
      expect(await client.open(line)).toMatchObject({ answer: expect.stringMatching(/^s[12] /) });
    }
    await edit([1, 2]);
    await applied();
    for (const { key } of lines) {
      expect([key, await client.say(key, 'still?')]).toMatchObject([key, { answer: expect.anything() }]);
    }
    expect(await client.tcp({ host: VIP[6], port: 81, count: 1 })).toMatchObject([{ error: 'ECONNREFUSED' }]);
    // The drain time is over. A UDP flow that never rests would otherwise stay for good.
    await edit([1, 2], '', { drainSeconds: 0 });
    for (const key of ['udp-4', 'udp-6']) {
      await vi.waitFor(
        async () => expect(await client.say(key, 'and now?', 500)).toMatchObject({ error: 'ECONNREFUSED' }),
        PATIENCE,
      );
    }
    await vi.waitFor(
      async () => expect(await client.say('tcp', 'and now?')).toMatchObject({ error: 'ECONNRESET' }),
      PATIENCE,
    );
    expect(await client.say('kept', 'still?')).toMatchObject({ answer: 'still?' });
  }, 120_000);

  test('a spec that cannot be carried out is reported with its field, and the old one stays', async () => {
    await edit([1, 2], '  affinity: ClientIP');
    const newest = await api.kubectl(
      'get',
      'lb',
      'web',
      '-n',
      'default',
      '-o',
      'jsonpath={.metadata.generation}',
    );
    await vi.waitFor(async () => expect((await report()).generation).toBe(Number(newest)), PATIENCE);
    const { generation } = await report();
    await api.kubectl(
      ...['patch', 'lb', 'web', '-n', 'default', '--type=merge', '-p'],
      JSON.stringify({ spec: { backends: { addresses: [{ address: '224.0.0.1' }] } } }),
    );
    await vi.waitFor(async () => {
      expect(await report()).toMatchObject({
        generation,
        error: { field: 'spec.backends.addresses[0].address' },
      });
    }, PATIENCE);
    expect(await ground.hosts.client!.tcp({ host: VIP[4], port: 80, count: 1 })).toMatchObject([
      { answer: expect.stringMatching(/^s[12] /) },
    ]);
  }, 120_000);
});

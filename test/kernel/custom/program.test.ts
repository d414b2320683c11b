// SPDX-License-Identifier: Apache-2.0
import { type ChildProcess, spawn } from 'node:child_process';
import { resolve as resolvePath } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { customTemplateOf } from '../../../api/custom-template.ts';
import type { CustomFunction } from '../../../api/index.ts';
import { needs } from '../../support/needs.ts';
import { type ApiServer, missingApiServer, startApiServer } from '../firewall/api-server.ts';
import { type Bed, type Context, makeBed } from '../firewall/bed.ts';
import { decodeFrame, encodeFrame, type Packet } from '../firewall/packets.ts';
import { missingForBed, NODE, run } from '../firewall/shell.ts';

const ROOT = resolvePath(import.meta.dirname, '../../..');
const PATIENCE = { timeout: 60_000, interval: 250 };

/** What an image puts beside our table. */
const FILTER =
  'table inet mine { chain forward { type filter hook forward priority 10; udp dport 54 drop; }; }';

/** Our part of a custom function's pod in a function's namespace, before a real API server. */
describe(
  'custom function: the program beside the image',
  needs(missingForBed() ?? missingApiServer()),
  () => {
    let bed: Bed;
    let api: ApiServer;
    let program: ChildProcess;
    let output = '';
    let sent = 0;

    const start = (template: string): ChildProcess => {
      const child = spawn('ip', ['netns', 'exec', bed.functionNamespace, NODE, 'functions/custom/main.ts'], {
        cwd: ROOT,
        env: {
          ...process.env,
          KUBECONFIG: api.kubeconfig,
          HEDDLE_KIND: 'CustomFunction',
          HEDDLE_NAMESPACE: 'default',
          HEDDLE_NAME: 'mine',
          HEDDLE_POD: 'mine-1',
          HEDDLE_PORT: '9471',
          HEDDLE_PEERS: 'heddle-customfunction-mine-peers',
          HEDDLE_INTERFACES: 'chain0',
          HEDDLE_TEMPLATE: template,
        },
      });
      for (const stream of [child.stdout, child.stderr]) {
        stream.on('data', (data) => {
          output += String(data);
        });
      }
      return child;
    };
    const get = async (path: string): Promise<{ status: number; text: string }> => {
      const script = `fetch('http://127.0.0.1:9471${path}').then(async r => console.log(JSON.stringify({ status: r.status, text: await r.text() })), e => console.log(JSON.stringify({ status: 0, text: String(e) })))`;
      return JSON.parse(await run(...bed.command, NODE, '-e', script));
    };
    const report = async () =>
      JSON.parse((await get('/report')).text) as { generation: number; rules: unknown };
    const isReady = async (): Promise<boolean> => (await get('/readyz')).status === 200;
    const edit = (spec: string): Promise<void> =>
      api.apply(
        `apiVersion: heddle.dev/v1alpha1\nkind: CustomFunction\nmetadata: {name: mine, namespace: default}\nspec: ${spec}\n`,
      );
    const templateNow = async (): Promise<string> => {
      const text = await api.kubectl('get', 'customfunction', 'mine', '-n', 'default', '-o', 'json');
      return customTemplateOf((JSON.parse(text) as CustomFunction).spec);
    };
    const passes = async (
      port: number,
      context: Context = { path: 11 },
      sourcePort?: number,
    ): Promise<boolean> => {
      sent += 1;
      const packet: Packet = {
        context,
        source: '10.0.0.1',
        destination: '10.0.0.2',
        protocol: 'UDP',
        sourcePort: sourcePort ?? 10_000 + sent,
        destinationPort: port,
        icmpType: 0,
        id: sent,
      };
      const out = await bed.exchange([encodeFrame(packet)]);
      return out.some((frame) => {
        const seen = decodeFrame(frame);
        return seen.kind === 'Forwarded' && seen.id === sent;
      });
    };

    beforeAll(async () => {
      bed = await makeBed();
      api = await startApiServer(bed.functionNamespace);
      await api.kubectl('apply', '--server-side', '-f', `${ROOT}/crds/customfunctions.yaml`);
      await api.kubectl(
        'wait',
        '--for=condition=Established',
        'crd/customfunctions.heddle.dev',
        '--timeout=60s',
      );
      program = start('unknown');
    }, 240_000);
    afterAll(async () => {
      if (process.env.TEST_OUTPUT) console.info(output);
      program?.kill('SIGKILL');
      await api?.close();
      await bed?.close();
    }, 60_000);

    test('before its object is there nothing passes, not even a probe', async () => {
      await vi.waitFor(async () => expect((await get('/healthz')).status).toBe(200), PATIENCE);
      expect(await isReady()).toBe(false);
      expect([await passes(53), await passes(9, { path: 11, probe: true })]).toEqual([false, false]);
    }, 120_000);

    test('of a pod that was made from another spec it says that it has none, and forwards', async () => {
      await edit('{image: a}');
      await vi.waitFor(async () => expect(await isReady()).toBe(true), PATIENCE);
      expect((await report()).generation).toBe(0);
      expect(await passes(53)).toBe(true);
      program.kill('SIGKILL');
      await new Promise((resolve) => program.once('exit', resolve));
      program = start(await templateNow());
      await vi.waitFor(async () => expect((await report()).generation).toBe(1), PATIENCE);
    }, 120_000);

    test('what the image drops does not pass, all else does, and both ways are counted without probes', async () => {
      await run(...bed.command, 'nft', FILTER);
      const before = await report();
      expect([await passes(53), await passes(54)]).toEqual([true, false]);
      expect(await passes(53, { path: 11, reply: true })).toBe(true);
      expect(await passes(9, { path: 11, probe: true })).toBe(true);
      const counted = (rules: unknown) =>
        Object.fromEntries(
          (rules as { name: string; packets: number }[]).map((each) => [each.name, each.packets]),
        );
      const then = counted(before.rules);
      await vi.waitFor(async () => {
        const now = counted((await report()).rules);
        expect([now.in! - then.in!, now.out! - then.out!]).toEqual([3, 2]);
      }, PATIENCE);
      expect((await get('/metrics')).text).toMatch(/heddle_custom_packets_total{direction="in"} \d/);
    }, 120_000);

    test('an edit of what restarts no pod is applied at once, any other is not', async () => {
      await edit('{image: a, drainSeconds: 600}');
      await vi.waitFor(async () => expect((await report()).generation).toBe(2), PATIENCE);
      await edit('{image: b, drainSeconds: 600}');
      await vi.waitFor(() => expect(output.match(/"generation":3[^\n]*"applied"/)).not.toBeNull(), PATIENCE);
      expect((await report()).generation).toBe(2);
      expect(await passes(53)).toBe(true);
    }, 120_000);

    test('the same tuple on two paths is two flows, also again after the image flushed the ruleset', async () => {
      const zones = async (): Promise<number> => {
        await bed.forgetFlows();
        expect(await passes(53, { path: 11 }, 7777)).toBe(true);
        expect(await passes(53, { path: 12 }, 7777)).toBe(true);
        const flows = await run(...bed.command, 'conntrack', '-L', '-p', 'udp', '--sport', '7777');
        return new Set(flows.match(/zone=\d+/g)).size;
      };
      expect(await zones()).toBe(2);
      await run(...bed.command, 'nft', 'delete table inet heddle; delete table inet heddle_context');
      await vi.waitFor(async () => {
        expect(await run(...bed.command, 'nft', 'list', 'tables')).toContain('table inet heddle_context');
      }, PATIENCE);
      expect(await zones()).toBe(2);
      await vi.waitFor(() => expect(output).toContain('must not flush the whole ruleset'), PATIENCE);
    }, 120_000);

    test('a request to /drained is answered when the last flow has ended, not before', async () => {
      expect(await passes(53, { path: 11 }, 8888)).toBe(true);
      let isAnswered = false;
      const waiting = get('/drained').then((reply) => {
        isAnswered = true;
        return reply;
      });
      await new Promise((resolve) => setTimeout(resolve, 500));
      expect(isAnswered).toBe(false);
      program.kill('SIGTERM');
      await vi.waitFor(async () => expect(await isReady()).toBe(false), PATIENCE);
      for (const until = Date.now() + 5000; Date.now() < until; ) {
        expect(await passes(53, { path: 11 }, 8888)).toBe(true);
      }
      expect(isAnswered).toBe(false);
      expect((await waiting).status).toBe(200);
      await vi.waitFor(() => expect(program.exitCode).toBe(0), PATIENCE);
      expect(output).toContain('"reason":"Empty"');
    }, 120_000);
  },
);

// SPDX-License-Identifier: Apache-2.0
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve as resolvePath } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { drainFiles } from '../../../api/function-environment.ts';
import { needs } from '../../support/needs.ts';
import { type ApiServer, missingApiServer, startApiServer } from './api-server.ts';
import { type Bed, makeBed } from './bed.ts';
import { decodeFrame, encodeFrame, type Packet } from './packets.ts';
import { missingForBed, NODE, run } from './shell.ts';

const ROOT = resolvePath(import.meta.dirname, '../../..');
const PATIENCE = { timeout: 60_000, interval: 250 };

interface Report {
  readonly generation: number;
  readonly inputs: string;
  readonly error: { readonly field: string; readonly message: string } | null;
  readonly rules: readonly { readonly name: string; readonly packets: number; readonly bytes: number }[];
  readonly logged: number;
  readonly lists: readonly string[];
}

/** The whole program in a function's namespace, before a real API server. */
describe('firewall: the program', needs(missingForBed() ?? missingApiServer()), () => {
  let bed: Bed;
  let api: ApiServer;
  let program: ChildProcess;
  let output = '';
  const drainFolder = mkdtempSync(join(tmpdir(), 'heddle-drain-'));

  const start = (): ChildProcess => {
    const child = spawn('ip', ['netns', 'exec', bed.functionNamespace, NODE, 'functions/firewall/main.ts'], {
      cwd: ROOT,
      env: {
        ...process.env,
        KUBECONFIG: api.kubeconfig,
        HEDDLE_KIND: 'Firewall',
        HEDDLE_NAMESPACE: 'default',
        HEDDLE_NAME: 'edge',
        HEDDLE_POD: 'edge-1',
        HEDDLE_PORT: '9471',
        HEDDLE_PEERS: 'heddle-firewall-edge-peers',
        HEDDLE_DRAIN_FOLDER: drainFolder,
      },
    });
    child.stdout.on('data', (data) => {
      output += String(data);
    });
    child.stderr.on('data', (data) => {
      output += String(data);
    });
    return child;
  };
  const get = async (path: string): Promise<{ status: number; text: string }> => {
    const script = `fetch('http://127.0.0.1:9471${path}').then(async r => console.log(JSON.stringify({ status: r.status, text: await r.text() })), e => console.log(JSON.stringify({ status: 0, text: String(e) })))`;
    return JSON.parse(await run(...bed.command, NODE, '-e', script));
  };
  const report = async (): Promise<Report> => JSON.parse((await get('/report')).text) as Report;
  const edit = (spec: string): Promise<void> =>
    api.apply(
      `apiVersion: heddle.dev/v1alpha1\nkind: Firewall\nmetadata: {name: edge, namespace: default}\nspec: ${spec}\n`,
    );
  const list = (text: string): Promise<void> =>
    api.apply(
      JSON.stringify({
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { name: 'lists', namespace: 'default' },
        binaryData: { 'bad.gz': gzipSync(text).toString('base64') },
      }),
    );
  let sent = 0;
  /** Whether a packet from this address passes: of a new flow, or of that from a port. */
  const passes = async (source: string, destinationPort = 53, sourcePort?: number): Promise<boolean> => {
    sent += 1;
    const packet: Packet = {
      context: { path: 11 },
      source,
      destination: '10.0.0.2',
      protocol: 'UDP',
      sourcePort: sourcePort ?? 10_000 + sent,
      destinationPort,
      icmpType: 0,
      id: sent,
    };
    return (await bed.exchange([encodeFrame(packet)]))
      .map(decodeFrame)
      .some((seen) => seen.kind === 'Forwarded');
  };

  beforeAll(async () => {
    bed = await makeBed();
    api = await startApiServer(bed.functionNamespace);
    await api.kubectl('apply', '--server-side', '-f', `${ROOT}/crds/firewalls.yaml`);
    await api.kubectl('wait', '--for=condition=Established', 'crd/firewalls.heddle.dev', '--timeout=60s');
    program = start();
  }, 240_000);
  afterAll(async () => {
    if (process.env.TEST_OUTPUT) console.info(output);
    program?.kill('SIGKILL');
    await api?.close();
    await bed?.close();
    rmSync(drainFolder, { recursive: true });
  }, 60_000);

  test('before its object is there it is alive, not ready, and lets nothing pass', async () => {
    await vi.waitFor(async () => expect((await get('/healthz')).status).toBe(200), PATIENCE);
    expect((await get('/readyz')).status).toBe(503);
    expect(await passes('10.0.0.1')).toBe(false);
  }, 120_000);

  test('with its object it is ready, judges, and reports generation and counts', async () => {
    await edit('{rules: [{name: dns, action: Accept, protocol: UDP, destinationPorts: [53]}]}');
    await vi.waitFor(async () => expect((await get('/readyz')).status).toBe(200), PATIENCE);
    expect([await passes('10.0.0.1'), await passes('10.0.0.1', 54)]).toEqual([true, false]);
    await vi.waitFor(async () => {
      expect(await report()).toMatchObject({
        generation: 1,
        error: null,
        rules: [{ name: 'dns', packets: 1 }],
        logged: 0,
      });
    }, PATIENCE);
    expect((await get('/metrics')).text).toContain('heddle_firewall_packets_total{rule="dns"} 1');
  }, 120_000);

  test('an edit reaches the kernel without a restart', async () => {
    await edit('{rules: [{name: dns, action: Accept, protocol: UDP, destinationPorts: [54]}]}');
    await vi.waitFor(async () => expect((await report()).generation).toBe(2), PATIENCE);
    expect([await passes('10.0.0.1'), await passes('10.0.0.1', 54)]).toEqual([false, true]);
  }, 120_000);

  test('a set of a ConfigMap is followed; a bad line is reported and the others count; no list leaves the old content', async () => {
    await edit(
      '{defaultAction: Accept, sets: [{name: bad, configMapRef: {name: lists}}], rules: [{name: bad, action: Drop, source: {set: bad}}]}',
    );
    await vi.waitFor(
      async () => expect((await report()).error?.message).toContain('no ConfigMap lists'),
      PATIENCE,
    );
    expect(await passes('10.0.0.9', 54)).toBe(true);
    await list('10.0.0.9\n');
    await vi.waitFor(
      async () => expect(await report()).toMatchObject({ generation: 3, error: null }),
      PATIENCE,
    );
    expect([await passes('10.0.0.9'), await passes('10.0.0.8')]).toEqual([false, true]);
    const { inputs } = await report();
    await list('10.0.0.8\nnonsense\n');
    await vi.waitFor(async () => {
      expect((await report()).error).toEqual({
        field: 'spec.sets[0].configMapRef',
        message: expect.stringContaining(
          'set bad: 1 of 2 lines cannot be read: ConfigMap lists, key bad.gz, line 2: "nonsense"',
        ),
      });
    }, PATIENCE);
    expect([await passes('10.0.0.9'), await passes('10.0.0.8')]).toEqual([true, false]);
    await list('<html>\nnot found\n10.0.0.9\n');
    await vi.waitFor(async () => {
      expect((await report()).error?.message).toContain('none of it is used');
    }, PATIENCE);
    expect([await passes('10.0.0.9'), await passes('10.0.0.8')]).toEqual([true, false]);
    await list('10.0.0.8\n');
    await vi.waitFor(async () => expect((await report()).error).toBe(null), PATIENCE);
    expect((await report()).inputs).not.toBe(inputs);
    expect([await passes('10.0.0.9'), await passes('10.0.0.8')]).toEqual([true, false]);
  }, 240_000);

  test('an instance that starts while its list cannot be read has what the operator keeps of it', async () => {
    await api.apply(
      JSON.stringify({
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { name: 'heddle-firewall-edge-kept.bad', namespace: 'default' },
        binaryData: { 'bad.gz': gzipSync('10.0.0.8\n').toString('base64') },
      }),
    );
    expect(await report()).toMatchObject({ error: null, lists: ['bad'] });
    await list('<html>\nnot found\n10.0.0.9\n');
    await vi.waitFor(async () => {
      expect((await report()).error?.message).toContain('none of it is used');
    }, PATIENCE);
    program.kill('SIGKILL');
    await new Promise((resolve) => program.once('exit', resolve));
    // A new pod has no table of a process before it.
    await run(...bed.command, 'nft', 'delete', 'table', 'inet', 'heddle');
    program = start();
    await vi.waitFor(async () => expect((await get('/readyz')).status).toBe(200), PATIENCE);
    expect(await report()).toMatchObject({
      generation: 3,
      error: { message: expect.stringContaining('none of it is used') },
      lists: [],
    });
    expect([await passes('10.0.0.9'), await passes('10.0.0.8')]).toEqual([true, false]);
    await list('10.0.0.9\n');
    await vi.waitFor(
      async () => expect(await report()).toMatchObject({ error: null, lists: ['bad'] }),
      PATIENCE,
    );
    expect([await passes('10.0.0.9'), await passes('10.0.0.8')]).toEqual([false, true]);
    await list('10.0.0.8\n');
    await vi.waitFor(async () => expect(await passes('10.0.0.8')).toBe(false), PATIENCE);
  }, 240_000);

  test('a spec whose pods nobody has resolved yet is reported with its field; the old one stays', async () => {
    await edit('{defaultAction: Drop, rules: [{name: a, action: Accept, source: {podSelector: {}}}]}');
    await vi.waitFor(async () => {
      expect(await report()).toMatchObject({
        generation: 3,
        error: { field: 'spec.rules[0].source.podSelector' },
      });
    }, PATIENCE);
    expect(await passes('10.0.0.1')).toBe(true);
  }, 120_000);

  test('while the API server is away it forwards as before, and then takes what it missed', async () => {
    await api.stopServing();
    expect(await passes('10.0.0.1')).toBe(true);
    expect((await get('/readyz')).status).toBe(200);
    await api.serveAgain();
    await edit(
      '{defaultAction: Drop, rules: [{name: later, action: Accept, protocol: UDP, destinationPorts: [99]}]}',
    );
    await vi.waitFor(async () => expect((await report()).generation).toBe(5), {
      timeout: 120_000,
      interval: 500,
    });
    expect([await passes('10.0.0.1'), await passes('10.0.0.1', 99)]).toEqual([false, true]);
  }, 300_000);

  test('a process that dies leaves the ruleset in force, and its successor takes over', async () => {
    program.kill('SIGKILL');
    // `ip netns exec` became the program itself, so this was the program.
    await new Promise((resolve) => program.once('exit', resolve));
    expect([await passes('10.0.0.1'), await passes('10.0.0.1', 99)]).toEqual([false, true]);
    program = start();
    await vi.waitFor(async () => expect((await get('/readyz')).status).toBe(200), PATIENCE);
    expect(await passes('10.0.0.1', 99)).toBe(true);
  }, 120_000);

  const exited = (): Promise<number | null> =>
    program.exitCode === null
      ? new Promise((resolve) => program.once('exit', resolve))
      : Promise.resolve(program.exitCode);

  test('told to end, it is not ready any more and forwards on for as long as a flow lives, then ends', async () => {
    program.kill('SIGTERM');
    await vi.waitFor(async () => expect((await get('/readyz')).status).toBe(503), PATIENCE);
    for (const until = Date.now() + 6000; Date.now() < until; ) {
      expect(await passes('10.0.0.1', 99, 9999)).toBe(true);
    }
    expect(program.exitCode).toBe(null);
    expect(await exited()).toBe(0);
    expect(output).toContain('"reason":"Empty"');
  }, 120_000);

  test('asked by the preStop hook, it drains and stays until SIGTERM, which then ends it at once', async () => {
    program = start();
    await vi.waitFor(async () => expect((await get('/readyz')).status).toBe(200), PATIENCE);
    expect(await passes('10.0.0.1', 99, 9998)).toBe(true);
    writeFileSync(join(drainFolder, drainFiles.asked), '');
    await vi.waitFor(async () => expect((await get('/readyz')).status).toBe(503), PATIENCE);
    await vi.waitFor(() => expect(existsSync(join(drainFolder, drainFiles.done))).toBe(true), PATIENCE);
    expect(await passes('10.0.0.1', 99)).toBe(true);
    expect(program.exitCode).toBe(null);
    program.kill('SIGTERM');
    expect(await exited()).toBe(0);
  }, 120_000);

  test('told to end when its firewall is deleted meanwhile, it ends at once; so it does when told twice', async () => {
    program = start();
    await vi.waitFor(async () => expect((await get('/readyz')).status).toBe(200), PATIENCE);
    program.kill('SIGTERM');
    await vi.waitFor(async () => expect((await get('/readyz')).status).toBe(503), PATIENCE);
    program.kill('SIGTERM');
    expect(await exited()).toBe(0);
    expect(output).toContain('"reason":"Told"');

    program = start();
    await vi.waitFor(async () => expect((await get('/readyz')).status).toBe(200), PATIENCE);
    expect(await passes('10.0.0.1', 99)).toBe(true);
    await api.kubectl('delete', 'firewall', 'edge', '-n', 'default');
    program.kill('SIGTERM');
    expect(await exited()).toBe(0);
    expect(output).toContain('"reason":"Deleted"');
  }, 120_000);
});

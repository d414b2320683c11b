// SPDX-License-Identifier: Apache-2.0
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  type PluginHandlers,
  type PluginStage,
  type RuntimeContainer,
  type RuntimePod,
  runPlugin,
} from '../../../../agent/nri/plugin.ts';
import { decode, type NriContainer, type PodSandbox } from '../../../../agent/nri/proto.ts';
import { TestRuntime } from './runtime.ts';

const log = { info: () => undefined, warn: () => undefined };

function sandbox(uid: string): PodSandbox {
  return {
    id: `sandbox-${uid}`,
    name: `pod-${uid}`,
    uid,
    namespace: 'default',
    labels: { app: 'web' },
    annotations: { 'k8s.v1.cni.cncf.io/networks': 'shop' },
    linux: {
      namespaces: [
        { type: 'pid', path: '' },
        { type: 'network', path: `/var/run/netns/${uid}` },
      ],
    },
  };
}

function containerOf(uid: string, more: Partial<NriContainer> = {}): NriContainer {
  const podSandboxId = `sandbox-${uid}`;
  return {
    id: `c-${uid}`,
    podSandboxId,
    name: 'web',
    state: 3,
    createdAt: 0,
    labels: {},
    annotations: {},
    ...more,
  };
}

/** Handlers that note their calls; a test replaces those that it is about. */
function noting(calls: string[], own: Partial<PluginHandlers> = {}): PluginHandlers {
  const note = (name: string) => async (pod: RuntimePod) => {
    calls.push(`${name} ${pod.uid} ${pod.netnsPath}`);
  };
  return {
    synchronize: async (pods) => {
      calls.push(`synchronize ${pods.map((pod) => pod.uid).join(',')}`);
    },
    runPodSandbox: note('run'),
    createContainer: note('create'),
    stopPodSandbox: note('stop'),
    removePodSandbox: note('remove'),
    ...own,
  };
}

describe('the NRI plugin', () => {
  let runtime: TestRuntime;
  let stop: AbortController;
  let running: Promise<void>;
  let stages: PluginStage[];

  function start(handlers: PluginHandlers): Promise<void> {
    const registered = runtime.registered();
    running = runPlugin({
      socketPath: runtime.socketPath,
      name: 'heddle',
      index: '10',
      handlers,
      log,
      signal: stop.signal,
      onStage: (stage) => stages.push(stage),
    });
    return registered;
  }

  beforeEach(async () => {
    runtime = new TestRuntime();
    await runtime.listen();
    stop = new AbortController();
    stages = [];
  });

  afterEach(async () => {
    stop.abort();
    await running;
    await runtime.close();
  });

  it('registers by name and two-digit index and subscribes to four events', async () => {
    await start(noting([]));
    expect(runtime.registrations).toEqual([{ pluginName: 'heddle', pluginIdx: '10' }]);
    const answer = await runtime.call('Configure', { type: 'ConfigureRequest', value: {} });
    expect(decode('ConfigureResponse', answer.payload).events).toBe(0b1111);
  });

  it('hands pods over with their namespace path, by the calls of new runtimes', async () => {
    const calls: string[] = [];
    await start(noting(calls));
    for (const method of ['RunPodSandbox', 'StopPodSandbox', 'RemovePodSandbox']) {
      const answer = await runtime.call(method, { type: 'PodRequest', value: { pod: sandbox('a') } });
      expect(answer.status).toBeNull();
    }
    expect(calls).toEqual(['run a /var/run/netns/a', 'stop a /var/run/netns/a', 'remove a /var/run/netns/a']);
  });

  it('hands pods over by StateChange of runtimes up to NRI 0.11', async () => {
    const calls: string[] = [];
    await start(noting(calls));
    for (const event of [1, 2, 3, 7]) {
      await runtime.call('StateChange', { type: 'StateChangeEvent', value: { event, pod: sandbox('a') } });
    }
    expect(calls.map((call) => call.split(' ')[0])).toEqual(['run', 'stop', 'remove']);
  });

  it('tells a pod without a namespace path as such', async () => {
    const calls: string[] = [];
    await start(noting(calls));
    await runtime.call('StopPodSandbox', {
      type: 'PodRequest',
      value: { pod: { ...sandbox('a'), linux: null } },
    });
    expect(calls).toEqual(['stop a undefined']);
  });

  it('fails the step of a pod whose interface cannot be made, and says why', async () => {
    await start(
      noting([], { runPodSandbox: () => Promise.reject(new Error('network default/shop is exhausted')) }),
    );
    const answer = await runtime.call('RunPodSandbox', { type: 'PodRequest', value: { pod: sandbox('a') } });
    expect(answer.status).toEqual({ code: 2, message: 'heddle: network default/shop is exhausted' });
  });

  it('answers with an error before the runtime gives it up', async () => {
    await start(noting([], { createContainer: () => new Promise(() => undefined) }));
    const began = performance.now();
    const answer = await runtime.call('CreateContainer', {
      type: 'ContainerRequest',
      value: { pod: sandbox('a'), container: containerOf('a') },
    });
    expect(answer.status?.message).toMatch(/longer than 1500 ms/);
    expect(performance.now() - began).toBeLessThan(1900);
  });

  it('answers other pods while one takes long', async () => {
    const calls: string[] = [];
    const slow = (pod: RuntimePod) => (pod.uid === 'slow' ? sleep(1000) : Promise.resolve());
    await start(noting(calls, { runPodSandbox: slow }));
    const began = performance.now();
    void runtime.call('RunPodSandbox', { type: 'PodRequest', value: { pod: sandbox('slow') } });
    await runtime.call('RunPodSandbox', { type: 'PodRequest', value: { pod: sandbox('fast') } });
    expect(performance.now() - began).toBeLessThan(500);
  });

  it('collects a synchronization that comes in parts, and answers each part alike', async () => {
    const calls: string[] = [];
    await start(noting(calls));
    const part = (uid: string, more: boolean) =>
      runtime.call('Synchronize', { type: 'SynchronizeRequest', value: { pods: [sandbox(uid)], more } });
    expect(decode('SynchronizeResponse', (await part('a', true)).payload).more).toBe(true);
    expect(calls).toEqual([]);
    expect(decode('SynchronizeResponse', (await part('b', false)).payload).more).toBe(false);
    expect(calls).toEqual(['synchronize a,b']);
  });

  it('is told the containers of the pods that run, with the moment at which each was made', async () => {
    const told: RuntimeContainer[] = [];
    await start(noting([], { synchronize: async (_, containers) => void told.push(...containers) }));
    const made = { state: 1, createdAt: 1_764_500_000_123_000_000 };
    const containers = [containerOf('a', made), containerOf('b', { state: 4 })];
    await runtime.call('Synchronize', { type: 'SynchronizeRequest', value: { pods: [], containers } });
    expect(told).toMatchObject([
      { id: 'c-a', podId: 'sandbox-a', lives: true, createdAt: 1_764_500_000_123 },
      { id: 'c-b', podId: 'sandbox-b', lives: false, createdAt: undefined },
    ]);
  });

  it('serves only when the runtime has listed its pods: until then the runtime calls it for no pod', async () => {
    await start(noting([]));
    await runtime.call('Configure', { type: 'ConfigureRequest', value: {} });
    expect(stages).toEqual(['Waiting']);
    await runtime.call('Synchronize', { type: 'SynchronizeRequest', value: { pods: [], more: true } });
    expect(stages).toEqual(['Waiting']);
    await runtime.call('Synchronize', { type: 'SynchronizeRequest', value: { pods: [] } });
    expect(stages).toEqual(['Waiting', 'Serving']);
    const again = runtime.registered();
    runtime.dropConnections();
    await again;
    expect(stages).toEqual(['Waiting', 'Serving', 'Away']);
  });

  it('answers a synchronization at once, however long converging takes', async () => {
    await start(noting([], { synchronize: () => new Promise(() => undefined) }));
    const answer = await runtime.call('Synchronize', { type: 'SynchronizeRequest', value: { pods: [] } });
    expect(answer.status).toBeNull();
  });

  it('refuses calls that it does not know, so that a newer runtime can do without', async () => {
    await start(noting([]));
    const answer = await runtime.call('UpdatePodSandbox', { type: 'Empty', value: {} });
    expect(answer.status?.code).toBe(12);
  });

  it('comes back at once when the runtime restarts', async () => {
    await start(noting([]));
    const again = runtime.registered();
    const began = performance.now();
    runtime.dropConnections();
    await again;
    expect(performance.now() - began).toBeLessThan(100);
    expect(runtime.registrations).toHaveLength(2);
  });

  it('comes back after bytes that make no sense', async () => {
    await start(noting([]));
    const again = runtime.registered();
    runtime.send(Buffer.from('00000001ffffffff', 'hex'));
    await again;
    expect(runtime.registrations).toHaveLength(2);
  });
});

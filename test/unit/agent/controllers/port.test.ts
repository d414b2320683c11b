// SPDX-License-Identifier: Apache-2.0
import { pino } from 'pino';
import { describe, expect, test } from 'vitest';
import { DataPathMaps } from '../../../../agent/apply/maps.ts';
import { Applied } from '../../../../agent/controllers/applied.ts';
import type { AgentContext } from '../../../../agent/controllers/context.ts';
import { detachPort } from '../../../../agent/controllers/port.ts';
import { reconcileInstances } from '../../../../agent/controllers/reach.ts';
import { LocalState } from '../../../../agent/observe/local.ts';
import { createAgentStores } from '../../../../agent/observe/stores.ts';
import { bpfMaps, decodeInstance, INSTANCE_F_LEAVING } from '../../../../agent/render/generated/layout.ts';
import { renderInstancePort } from '../../../kernel/world/resources.ts';

/** What the kernel sends to the instance, or that its interface was deleted. */
type Step = 'All' | 'Answers' | 'Nothing' | 'Deleted';

/** An instance on this node, and a kernel that tells what becomes of it; all instances are written anew at each step. */
function makeNode(options: { readonly kind: string; readonly isInStore?: boolean }) {
  const port = renderInstancePort({ name: 'own', node: 'here', id: 7, kind: options.kind });
  const stores = createAgentStores();
  if (options.isInStore !== false) stores.ports.replace([port]);
  const local = new LocalState('here');
  local.attached('test/own', { hostName: 'hd7', ifindex: 9 });
  const steps: Step[] = [];
  const others: Promise<void>[] = [];
  const note = (step: Step): void => {
    steps.push(step);
    others.push(reconcileInstances(context));
  };
  const kernel = {
    mapDump: async ({ path }: { path: string }) => {
      const isIt = path.endsWith('/instances') && options.isInStore === false;
      return isIt
        ? { keys: Buffer.from([7, 0, 0, 0]), values: new Uint8Array(bpfMaps.instances.valueSize), count: 1 }
        : { keys: new Uint8Array(), values: new Uint8Array(), count: 0 };
    },
    mapUpdate: async ({ path, entries }: { path: string; entries: { values: Uint8Array } }) => {
      if (!path.endsWith('/instances')) return;
      note(decodeInstance(entries.values).flags & INSTANCE_F_LEAVING ? 'Answers' : 'All');
    },
    mapDelete: async ({ path }: { path: string }) => {
      if (path.endsWith('/instances')) note('Nothing');
    },
    netlink: async () => {
      note('Deleted');
      return [];
    },
    possibleCpus: async () => 1,
  };
  const context = {
    stores,
    local,
    kernel,
    applied: new Applied(),
    maps: new DataPathMaps({ kernel: kernel as never, directory: '/maps' }),
    health: { isDown: () => false, isUnreachable: () => false },
    log: pino({ level: 'silent' }),
  } as unknown as AgentContext;
  const settled = async (): Promise<readonly Step[]> => {
    // Each of them may begin another one.
    for (let done = 0; done < others.length; done = others.length) await Promise.all(others);
    return steps;
  };
  return { context, settled };
}

describe('an interface that is taken away', () => {
  test('first takes answers only, then nothing, and whatever is written meanwhile keeps to that', async () => {
    const { context, settled } = makeNode({ kind: 'Firewall' });
    await reconcileInstances(context);
    await detachPort(context, 'test/own');
    expect(await settled()).toEqual(['All', 'Answers', 'Nothing', 'Deleted']);
  });

  test('of a function that rewrites is out of use at once', async () => {
    const { context, settled } = makeNode({ kind: 'LoadBalancer' });
    await reconcileInstances(context);
    await detachPort(context, 'test/own');
    expect(await settled()).toEqual(['All', 'Nothing', 'Deleted']);
  });

  test('is out of use first also when its Port is gone already', async () => {
    const { context, settled } = makeNode({ kind: 'Firewall', isInStore: false });
    await detachPort(context, 'test/own');
    expect(await settled()).toEqual(['Nothing', 'Deleted']);
  });

  test('is taken away once, whoever asks for it', async () => {
    const { context, settled } = makeNode({ kind: 'Firewall' });
    await reconcileInstances(context);
    await Promise.all([detachPort(context, 'test/own'), detachPort(context, 'test/own')]);
    await detachPort(context, 'test/own');
    expect(await settled()).toEqual(['All', 'Answers', 'Nothing', 'Deleted']);
  });
});

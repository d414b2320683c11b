// SPDX-License-Identifier: Apache-2.0
import type { Bed } from './bed.ts';

/** A kind of failure. */
export interface Failure {
  readonly name: string;
  /** The longest loss that flows may have. */
  readonly limitMs: number;
  /** Instances that fail with it. */
  readonly victims: readonly string[];
  /** Prepares what the failure needs, before any flow exists. */
  prepare?(bed: Bed): Promise<void>;
  fail(bed: Bed): Promise<void>;
  /** Repairs it, and waits until it is in use again. */
  mend(bed: Bed): Promise<void>;
}

const INSTANCE_LIMIT_MS = 300;
const NODE_LIMIT_MS = 1000;

export const killed: Failure = {
  name: 'instance killed',
  limitMs: INSTANCE_LIMIT_MS,
  victims: ['a1'],
  fail: ({ world }) => world.killNetns('a1'),
  mend: async (bed) => {
    await bed.world.removePod('a1');
    await bed.addMember({ name: 'a1', node: 'one' });
    await bed.chain();
  },
};

export const killedAcross: Failure = {
  name: 'instance killed on another node',
  limitMs: INSTANCE_LIMIT_MS,
  victims: ['b1'],
  fail: ({ world }) => world.killNetns('b1'),
  mend: async (bed) => {
    await bed.world.removePod('b1');
    await bed.addMember({ name: 'b1', node: 'two' });
    await bed.chain();
  },
};

export const blackHole: Failure = {
  name: 'Ready, but its ruleset drops everything',
  limitMs: INSTANCE_LIMIT_MS,
  victims: ['a2'],
  fail: (bed) => bed.block('a2'),
  mend: async (bed) => {
    await bed.unblock('a2');
    await bed.waitForHealth('one', { down: [] });
  },
};

export const forwardingOff: Failure = {
  name: 'Ready, but IPv4 is not forwarded',
  limitMs: INSTANCE_LIMIT_MS,
  victims: ['b1'],
  fail: async ({ world }) => {
    await world.exec('b1', ['sysctl', '-qw', 'net.ipv4.ip_forward=0']);
  },
  mend: async (bed) => {
    // Switching it on resets other settings of the agent in some kernels; only this one was changed.
    await bed.world.exec('b1', ['sysctl', '-qw', 'net.ipv4.ip_forward=1']);
    await bed.waitForHealth('two', { down: [] });
  },
};

/** A process that handles packets stops while it works. */
export function frozen(): Failure {
  let forwarder: Awaited<ReturnType<Bed['queueThroughProcess']>> | undefined;
  return {
    name: 'process frozen (SIGSTOP)',
    limitMs: INSTANCE_LIMIT_MS,
    victims: ['a1'],
    prepare: async (bed) => {
      forwarder = await bed.queueThroughProcess('a1');
    },
    fail: async () => {
      process.kill(forwarder!.pid, 'SIGSTOP');
    },
    mend: async (bed) => {
      process.kill(forwarder!.pid, 'SIGCONT');
      await bed.waitForHealth('one', { down: [] });
      await forwarder!.end();
    },
  };
}

export const nodeVanished: Failure = {
  name: 'node vanished',
  limitMs: NODE_LIMIT_MS,
  victims: ['b1'],
  fail: ({ world }) => world.setNode('two', 'down'),
  mend: async (bed) => {
    await bed.world.setNode('two', 'up');
    await bed.waitForHealth('one', { unreachable: [] });
    await bed.waitForHealth('two', { unreachable: [] });
  },
};

export function allFailures(): readonly Failure[] {
  return [killed, killedAcross, blackHole, forwardingOff, frozen(), nodeVanished];
}

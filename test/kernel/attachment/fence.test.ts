// SPDX-License-Identifier: Apache-2.0
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { applyFence } from '../../../agent/apply/fence.ts';
import { parsePrefix } from '../../../api/net/prefix.ts';
import { needs } from '../../support/needs.ts';
import { type Ground, missingForGround, openGround, runIn } from './ground.ts';

describe(
  'a pod that runs without its interface (security.md: pod-starts-past-agent)',
  needs(missingForGround()),
  () => {
    let ground: Ground;
    let netns: string;

    beforeAll(() => {
      ground = openGround();
      netns = ground.addNetns('pod');
      inPod('ip link add eth0 type veth peer name peer');
      inPod('ip link set peer up');
      inPod('ip addr add 10.244.1.7/24 dev eth0');
      inPod('ip addr add fd44::7/64 dev eth0 nodad');
      inPod('ip link set lo up');
      inPod('ip link set eth0 up');
      inPod('ip route add default via 10.244.1.1');
      inPod('ip -6 route add default via fd44::1');
      // A route of the pod's own network that is more specific than what is fenced.
      inPod('ip route add 10.20.0.0/30 via 10.244.1.1');
    });
    afterAll(() => ground?.close());

    const inPod = (command: string) => runIn(netns, command.split(' '));
    const fence = (...prefixes: string[]) =>
      applyFence(ground.kernel, { netnsPath: netns, prefixes: prefixes.map(parsePrefix) });
    const reaches = (address: string): boolean => {
      try {
        return !inPod(`ip route get ${address}`).includes('unreachable');
      } catch {
        return false;
      }
    };

    it('reaches no destination of its network by another interface, and keeps the rest', async () => {
      await fence('10.20.0.0/16', 'fd20::/64');
      for (const address of ['10.20.0.1', '10.20.200.9', 'fd20::9'])
        expect(reaches(address), address).toBe(false);
      for (const address of ['10.21.0.1', '10.244.1.7', '10.244.1.1', 'fd21::9', 'fd44::7'])
        expect(reaches(address), address).toBe(true);
    });

    it('follows what the network has, and touches no rule of others', async () => {
      inPod('ip rule add pref 70 to 10.99.0.0/16 unreachable');
      await fence('10.20.0.0/16');
      await fence('10.20.0.0/16', '10.30.0.0/16');
      expect(reaches('fd20::9')).toBe(true);
      expect([reaches('10.20.0.1'), reaches('10.30.0.1'), reaches('10.99.0.1')]).toEqual([
        false,
        false,
        false,
      ]);
      await fence();
      expect([reaches('10.20.0.1'), reaches('10.30.0.1'), reaches('10.99.0.1')]).toEqual([true, true, false]);
    });

    it('reaches itself only, when it is isolated', async () => {
      await fence('0.0.0.0/0', '::/0');
      for (const address of ['10.20.0.1', '10.244.1.1', '8.8.8.8', 'fd44::1', '2001:db8::1'])
        expect(reaches(address), address).toBe(false);
      for (const address of ['10.244.1.7', '127.0.0.1', 'fd44::7'])
        expect(reaches(address), address).toBe(true);
      await fence();
      expect(reaches('8.8.8.8')).toBe(true);
    });
  },
);

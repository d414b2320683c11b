// SPDX-License-Identifier: Apache-2.0
import { beforeAll, describe, expect, test } from 'vitest';
import type { CustomFunction } from '../../../api/index.ts';
import { apply, get } from '../../../tools/cluster/kubectl.ts';
import { useNamespace } from '../../../tools/cluster/namespace.ts';
import { eventually } from '../../../tools/cluster/wait.ts';
import { applyExample, ask, type Example, instances, type RunningPod, runIn } from './world.ts';

/** A bridge between left and right, which drops what asks for port 8081. */
const BRIDGE = `ip link show br0 2>/dev/null || ip link add br0 type bridge mcast_snooping 0
for side in $HEDDLE_INTERFACES; do ip link set $side master br0; done
ip link set br0 up
nft -f - <<EOF
table bridge taps { }
delete table bridge taps
table bridge taps {
  chain forward {
    type filter hook forward priority 0; policy accept;
    tcp dport 8081 drop
  }
}
EOF
touch /tmp/ready
trap 'exit 0' TERM
sleep infinity & wait`;

describe('a function that passes on frames between left and right', () => {
  const namespace = useNamespace('custom-frames');
  const names = { namespace, function: 'taps', chain: 'limited' };
  let example: Example;

  beforeAll(async () => {
    // The pods and the network of the example, with another function in its chain.
    const spec = {
      replicas: 2,
      interfaces: 'Two',
      image: 'localhost/heddle/base:dev',
      command: ['/bin/sh', '-ec', BRIDGE],
      readinessProbe: { exec: { command: ['/bin/cat', '/tmp/ready'] } },
      pod: { tolerations: [{ operator: 'Exists' }] },
    };
    const metadata = { name: 'taps' };
    const apiVersion = 'heddle.dev/v1alpha1';
    await apply([{ apiVersion, kind: 'CustomFunction', metadata, spec }], namespace);
    example = await applyExample('shell/shell.yaml', names, (text) =>
      text.replace('{kind: CustomFunction, name: limiter,', '{kind: CustomFunction, name: taps,'),
    );
  }, 240_000);

  test.each(['v4', 'v6'] as const)('passes what it does not drop, replies too: %s', async (family) => {
    const { sent, failed } = await ask({
      ...example,
      namespace,
      address: example[family],
      seconds: 2,
      keep: false,
    });
    expect(failed).toEqual([]);
    expect(sent).toBeGreaterThan(20);
    expect(await example.opens(example[family], 8081)).toBe('silent');
  });

  test('its frames are counted in its status', async () => {
    await eventually(
      'more went in than came out',
      async () => {
        const { status } = await get<CustomFunction>('customfunction', 'taps', namespace);
        return (
          Number(status?.in?.packets) > Number(status?.out?.packets) && Number(status?.out?.packets) > 100
        );
      },
      { timeoutMs: 20_000 },
    );
  });

  test('flows of an instance whose bridge is gone go to the other', async () => {
    const [dead] = (await instances(names)) as [RunningPod];
    const asking = ask({ ...example, namespace, address: example.v4, seconds: 5, keep: true });
    await new Promise((resolve) => setTimeout(resolve, 1500));
    await runIn(dead.metadata.name, namespace, ['ip', 'link', 'del', 'br0']);
    const { sent, failed } = await asking;
    expect(failed).toEqual([]);
    expect(sent).toBeGreaterThan(50);
  });
});

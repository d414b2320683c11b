// SPDX-License-Identifier: Apache-2.0
import { beforeAll, describe, expect, test } from 'vitest';
import { list } from '../../../tools/cluster/kubectl.ts';
import { useNamespace } from '../../../tools/cluster/namespace.ts';
import { eventually } from '../../../tools/cluster/wait.ts';
import { ensureExampleImage } from '../../../tools/kind/example-images.ts';
import { createProgress } from '../../../tools/kind/progress.ts';
import { applyExample, ask, type Example, instances, type RunningPod, request, runIn } from './world.ts';

describe('the example of Suricata, as Debian has it', () => {
  const namespace = useNamespace('custom-suricata');
  const names = { namespace, function: 'suricata', chain: 'watched' };
  let example: Example;

  beforeAll(async () => {
    const nodes = await list('nodes');
    const image = { name: 'localhost/heddle/suricata:dev', folder: 'examples/custom-function/suricata' };
    await ensureExampleImage(
      image,
      nodes.map(({ metadata }) => metadata.name),
      createProgress('example-suricata'),
    );
    example = await applyExample('suricata/suricata.yaml', names);
  }, 400_000);

  const logs = async (): Promise<string> => {
    const found = await instances(names);
    const each = found.map(({ metadata }) =>
      runIn(metadata.name, namespace, ['cat', '/var/log/suricata/fast.log']),
    );
    return (await Promise.all(each)).join('\n');
  };

  test.each(['v4', 'v6'] as const)(
    'it sees requests, and drops the one that its rule names: %s',
    async (family) => {
      const address = example[family];
      expect(await request({ ...example, namespace, address, path: '/' })).toContain('port 8080 saw');
      expect(await request({ ...example, namespace, address, path: '/forbidden' })).toBe('silent');
      expect(await request({ ...example, namespace, address, path: '/allowed' })).toContain('port 8080 saw');
      await eventually('its log says so', async () => {
        const log = await logs();
        const to = address.includes(':')
          ? `${address.replace('fd20::', 'fd20:0000:0000:0000:0000:0000:0000:')}`
          : address;
        const lines = log.split('\n').filter((line) => line.includes(to.slice(0, 8)));
        return (
          lines.some((line) => line.includes('[Drop]') && line.includes('1000001')) &&
          lines.some((line) => line.includes('a request'))
        );
      });
    },
  );

  test('when it dies, its flows go to the other instance and stay guarded', async () => {
    const [dead] = (await instances(names)) as [RunningPod];
    const asking = ask({ ...example, namespace, address: example.v4, seconds: 6, keep: true });
    await new Promise((resolve) => setTimeout(resolve, 1500));
    await runIn(dead.metadata.name, namespace, ['sh', '-c', 'kill -TERM 1']);
    for (let i = 0; i < 4; i += 1) {
      const reply = await request({
        ...example,
        namespace,
        address: example.v4,
        path: '/forbidden',
        timeoutMs: 500,
      });
      expect(reply).toBe('silent');
    }
    const { sent, failed } = await asking;
    expect(failed).toEqual([]);
    expect(sent).toBeGreaterThan(80);
    await eventually('it is started again', async () => (await instances(names)).length === 2);
  }, 60_000);
});

// SPDX-License-Identifier: Apache-2.0
import { exec, kubectl, list, readTarget } from '../../../tools/cluster/kubectl.ts';
import { decode, type Secret } from './world.ts';

/** Everything that users and programs can read without reading the Secrets that have keys, by where it is. */
export async function collectVisible(namespace: string): Promise<ReadonlyMap<string, string>> {
  const kinds = 'vpns,vpnpeers,servicechains,ports,deployments,replicasets,pods,configmaps,services,events';
  const selector = 'heddle.dev/function=vpn.branch';
  const { system } = readTarget();
  const visible = new Map([
    ['objects', await kubectl(['get', kinds, '-o', 'yaml', '--show-managed-fields'], { namespace })],
    ['the gateways’ logs', await kubectl(['logs', '-l', selector, '--tail=-1'], { namespace })],
    [
      'the operators’ logs',
      await kubectl(['logs', '-l', 'app.kubernetes.io/component=operator', '--tail=-1'], {
        namespace: system,
      }),
    ],
  ]);
  const pods = await list('pods', { namespace, selector });
  for (const { metadata } of pods) {
    const look = ['sh', '-c', 'cat /proc/[0-9]*/cmdline /proc/[0-9]*/environ; env; find /run /tmp -type f'];
    const { stdout } = await exec(metadata.name, look, { namespace, container: 'vpn' });
    visible.set(`processes of ${metadata.name}`, stdout);
  }
  return visible;
}

/** Private keys by the only Secret that may contain them, and the content of every Secret. */
export async function collectKeys(namespace: string) {
  const secrets = await list<Secret>('secrets', { namespace });
  return {
    keys: secrets.flatMap(({ metadata, data }) =>
      data?.privateKey ? [{ home: metadata.name, key: decode(data.privateKey) }] : [],
    ),
    contents: new Map(
      secrets.map(({ metadata, data }) => [
        metadata.name,
        Object.values(data ?? {})
          .map(decode)
          .join('\n'),
      ]),
    ),
  };
}

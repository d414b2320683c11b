// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest';
import { kubectl, list } from '../../../tools/cluster/kubectl.ts';

const namespace = 'kube-system';

// kube-proxy compares what it reads with what it would write once an hour and at its start. A protocol that it reads
// as a number is none that it wrote, and it removes all Services of the node.
test('the kube-proxies of a local cluster read back the Services that they wrote', async () => {
  const pods = await list('pods', { namespace, selector: 'k8s-app=kube-proxy' });
  expect(pods).not.toHaveLength(0);
  for (const { metadata } of pods) {
    const command = ['nft', '--json', 'list', 'map', 'ip', 'kube-proxy', 'service-ips'];
    const text = await kubectl(['exec', metadata.name, '--', ...command], { namespace });
    const read = [...text.matchAll(/"concat": \["[^"]+", ([^,]+), \d+\]/g)].map(([, protocol]) => protocol);
    expect(new Set(read), 'a cluster made before this mend: npm run cluster:down').toEqual(
      new Set(['"tcp"', '"udp"']),
    );
  }
});

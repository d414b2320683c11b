// SPDX-License-Identifier: Apache-2.0
import { expect, it } from 'vitest';
import { hostsFolder, renderHosts } from '../../../../../tools/kind/registry/hosts.ts';

it('a node that pulls from the loopback of the machine is told the address on its own network', () => {
  expect(hostsFolder(5001)).toBe('/etc/containerd/certs.d/127.0.0.1:5001');
  expect(renderHosts(5001, '10.89.0.7')).toBe(
    'server = "http://127.0.0.1:5001"\n\n[host."http://10.89.0.7:5000"]\n  capabilities = ["pull", "resolve"]\n',
  );
  expect(renderHosts(5001, 'fd00::7')).toContain('[host."http://[fd00::7]:5000"]');
});

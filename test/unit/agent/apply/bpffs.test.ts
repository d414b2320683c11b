// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest';
import { requireBpffs } from '../../../../agent/apply/bpffs.ts';

test('a directory on another file system is refused, with what to do', () => {
  expect(() => requireBpffs('/proc')).toThrow(
    'no BPF file system is mounted at /proc: mount it on the node (mount -t bpf bpf /proc)',
  );
});

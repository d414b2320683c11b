// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest';
import { isDebianLike } from '../../../../tools/kind/engine/install.ts';
import {
  CAP_SYS_RESOURCE,
  mayHold,
  parseLimits,
  renderContainersConf,
} from '../../../../tools/kind/engine/settings.ts';

const limits = `Limit                     Soft Limit           Hard Limit           Units
Max processes             96365                96365                processes
Max open files            1024                 20000                files
Max locked memory         8388608              unlimited            bytes
`;

test('Podman is left to its own settings where they do', () => {
  const roomy = { cgroupV1: false, openFiles: 1048576, processes: 4194304 };
  expect(renderContainersConf(roomy)).toBeUndefined();
});

test('an engine is told of cgroup v1 and of limits that it may not exceed', () => {
  const text = renderContainersConf({ cgroupV1: true, openFiles: 20000, processes: 32768 });
  expect(text).toContain('runtime = "runc"');
  expect(text).toContain('default_ulimits = ["nofile=20000:20000", "nproc=32768:32768"]');
});

test('hard limits are read, and that of processes is never above pid_max', () => {
  expect(parseLimits(limits, 32768)).toEqual({ openFiles: 20000, processes: 32768 });
  expect(parseLimits(limits.replace('20000 ', 'unlimited '), 4194304).openFiles).toBe(
    Number.MAX_SAFE_INTEGER,
  );
});

test('a capability counts only when the bounding set has it', () => {
  expect(mayHold('CapBnd:\t000001ffffffffff\n', CAP_SYS_RESOURCE)).toBe(true);
  expect(mayHold('CapBnd:\t000001fffeffffff\n', CAP_SYS_RESOURCE)).toBe(false);
});

test('packages are installed on Debian and its like only', () => {
  expect(isDebianLike('ID=debian\n')).toBe(true);
  expect(isDebianLike('ID=linuxmint\nID_LIKE="ubuntu debian"\n')).toBe(true);
  expect(isDebianLike('ID=fedora\n')).toBe(false);
});

// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { judgePrivileged } from '../../../../../tools/kind/engine/privileged.ts';

describe('an engine that starts a privileged container of an empty image', () => {
  it('is fine when it finds nothing to run there', () => {
    const stderr =
      'docker: Error response from daemon: ... exec: "/nothing": no such file or directory: unknown.';
    const reason = 'Command failed with exit code 127: docker run';
    expect(judgePrivileged('docker', { ok: false, reason, stderr })).toBeUndefined();
  });

  it('is named in one line with what it said and the way out when it cannot', () => {
    const stderr =
      'docker: Error response from daemon: OCI runtime create failed: unable to apply caps: operation not permitted: unknown.\n' +
      "See 'docker run --help'.";
    const problem = judgePrivileged('docker', { ok: false, reason: 'exit code 126', stderr });
    expect(problem).toContain('docker answers, and cannot run a privileged container');
    expect(problem).toContain('unable to apply caps: operation not permitted');
    expect(problem).toContain('KIND_EXPERIMENTAL_PROVIDER=podman');
    expect(problem).not.toContain('\n');
  });
});

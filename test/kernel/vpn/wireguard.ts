// SPDX-License-Identifier: Apache-2.0
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** The WireGuard that a gateway uses, as it reports it. */
export type WireGuard = 'Kernel' | 'Userspace';

/** Why a gateway cannot have this WireGuard here; undefined when it can. */
export function lacksWireGuard(wireGuard: WireGuard): string | undefined {
  if (wireGuard === 'Userspace' || hasKernelWireGuard()) return undefined;
  return 'this kernel has no WireGuard';
}

function hasKernelWireGuard(): boolean {
  try {
    // The interface is deleted with the namespace, which ends with the program.
    execFileSync('unshare', ['-n', 'ip', 'link', 'add', 'probe', 'type', 'wireguard'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** Makes a folder of programs for a gateway that must find no WireGuard in the kernel, even if the kernel has it. */
export function makeToolsWithoutKernel(): { readonly path: string; remove(): void } {
  const path = mkdtempSync(join(tmpdir(), 'heddle-no-wireguard-'));
  const real = execFileSync('sh', ['-c', 'command -v ip']).toString().trim();
  const refuse = `case "$*" in *"type wireguard"*) echo 'Error: Unknown device type.' >&2; exit 2;; esac`;
  writeFileSync(join(path, 'ip'), `#!/bin/sh\n${refuse}\nexec ${real} "$@"\n`);
  chmodSync(join(path, 'ip'), 0o755);
  return { path, remove: () => rmSync(path, { recursive: true }) };
}

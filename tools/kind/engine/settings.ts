// SPDX-License-Identifier: Apache-2.0
/** Facts of this machine that the engine's configuration depends on. */
export interface MachineLimits {
  /** cgroup v1, alone or beside v2: crun refuses it, runc does not. */
  readonly cgroupV1: boolean;
  readonly openFiles: number;
  readonly processes: number;
}

/** The limit that Podman requests by default. */
const defaultOpenFiles = 1048576;

/** The text of a containers.conf; undefined where Podman's defaults (and the user's own file) are enough. */
export function renderContainersConf(limits: MachineLimits): string | undefined {
  const engine: string[] = [];
  const containers: string[] = [];
  if (limits.cgroupV1) engine.push('runtime = "runc"');
  if (limits.openFiles < defaultOpenFiles) {
    const files = `nofile=${limits.openFiles}:${limits.openFiles}`;
    const processes = `nproc=${limits.processes}:${limits.processes}`;
    containers.push(`default_ulimits = ["${files}", "${processes}"]`);
  }
  if (engine.length + containers.length === 0) return undefined;
  return [
    '# Written by tools/kind; only our own clusters use it.',
    '[containers]',
    ...containers,
    '[engine]',
    ...engine,
    '',
  ].join('\n');
}

/** Reads the hard limits of `/proc/self/limits`; Podman lowers that of processes to the kernel's pid_max first. */
export function parseLimits(text: string, pidMax: number): { openFiles: number; processes: number } {
  const hard = (name: string): number => {
    const line = text.split('\n').find((candidate) => candidate.startsWith(name));
    const value = line?.slice(name.length).trim().split(/\s+/)[1];
    return value === undefined || value === 'unlimited' ? Number.MAX_SAFE_INTEGER : Number(value);
  };
  return { openFiles: hard('Max open files'), processes: Math.min(hard('Max processes'), pidMax) };
}

/** Reads `/proc/self/status`: whether a process here may have the capability with this number. */
export function mayHold(status: string, capability: number): boolean {
  const bounding = /^CapBnd:\s*([0-9a-f]+)$/m.exec(status)?.[1];
  return bounding !== undefined && ((BigInt(`0x${bounding}`) >> BigInt(capability)) & 1n) === 1n;
}

export const CAP_SYS_RESOURCE = 24;

// SPDX-License-Identifier: Apache-2.0
/** One running program, or several of the same version. */
export interface Program {
  readonly component: 'client' | 'operator' | 'agent' | 'function';
  /** Which one it is: a pod, a node, a function; empty for the client. */
  readonly name: string;
  /** Undefined: the program did not report it. */
  readonly version: string | undefined;
  /** Why the program did not report its version. */
  readonly why?: string;
}

export interface SkewFinding {
  readonly program: Program;
  readonly message: string;
}

/**
 * Pure: which programs have a release that is not supported together with the operator's.
 *
 * Releases are supported together when their major version is the same and their minor versions differ by at most one.
 * A function or agent may be newer than the operator only during an upgrade, since the operator writes what they read
 * (docs/install.md).
 */
export function findSkew(programs: readonly Program[]): readonly SkewFinding[] {
  const operators = programs.filter(({ component }) => component === 'operator');
  const reference = operators
    .map(({ version }) => parseVersion(version))
    .find((version) => version !== undefined);
  if (!reference) return [];
  return programs.flatMap((program) => {
    const version = parseVersion(program.version);
    if (!version) return [];
    const apart = version.major !== reference.major || Math.abs(version.minor - reference.minor) > 1;
    if (!apart) return [];
    const message = `${nameOf(program)} is ${program.version}, the operator ${reference.text}: releases go together when their minor versions differ by at most one`;
    return [{ program, message }];
  });
}

function nameOf({ component, name }: Program): string {
  return component === 'client' ? 'this kubectl-heddle' : `${component} ${name}`;
}

interface Version {
  readonly text: string;
  readonly major: number;
  readonly minor: number;
}

function parseVersion(text: string | undefined): Version | undefined {
  const [, major, minor] = /^(\d+)\.(\d+)\.\d+(?:[-+].*)?$/.exec(text ?? '') ?? [];
  if (text === undefined || major === undefined || minor === undefined) return undefined;
  return { text, major: Number(major), minor: Number(minor) };
}

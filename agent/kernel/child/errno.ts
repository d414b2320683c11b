// SPDX-License-Identifier: Apache-2.0
import { constants } from 'node:os';

/** The kernel's own "not supported" of BPF operations, which no C library names. */
const ENOTSUPP = 524;

const names = new Map<number, string>([
  ...Object.entries(constants.errno).map(([name, number]): [number, string] => [number, name]),
  // EAGAIN and EWOULDBLOCK, EOPNOTSUPP and ENOTSUP are equal: the first is what manuals say.
  [constants.errno.EAGAIN, 'EAGAIN'],
  [constants.errno.EOPNOTSUPP, 'EOPNOTSUPP'],
  [ENOTSUPP, 'ENOTSUPP'],
]);

/** `EEXIST` for 17; a number that has no name stays a number. */
export function errnoName(errno: number): string {
  return names.get(errno) ?? `errno ${errno}`;
}

/** The error of a system call: the operation, and the name of the errno. */
export class SyscallError extends Error {
  readonly code: string;

  constructor(what: string, errno: number, detail = '') {
    const code = errnoName(errno);
    super(`${what}: ${code}${detail === '' ? '' : ` (${detail})`}`);
    this.name = 'SyscallError';
    this.code = code;
  }
}

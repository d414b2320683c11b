// SPDX-License-Identifier: Apache-2.0
import type { OperationName } from './protocol.ts';

/** The error of an operation: in the kernel (`code` is the errno's name), or in the child process (no code). */
export class KernelError extends Error {
  readonly operation: OperationName;
  readonly code: string | undefined;

  constructor(operation: OperationName, message: string, code?: string) {
    super(message);
    this.name = 'KernelError';
    this.operation = operation;
    this.code = code;
  }
}

// SPDX-License-Identifier: Apache-2.0
import type { OperationName } from './protocol.ts';

/** An operation that failed, in the kernel (`code` is the errno's name) or on the way to it (no code). */
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

// SPDX-License-Identifier: Apache-2.0
/** What is wrong with one field, in words for the one who wrote it. */
export interface FieldError {
  readonly field: string;
  readonly message: string;
}

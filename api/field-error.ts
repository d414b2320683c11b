// SPDX-License-Identifier: Apache-2.0
/** A fault in one field, described for the author of the object. */
export interface FieldError {
  readonly field: string;
  readonly message: string;
}

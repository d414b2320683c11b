// Generated from package.json by `npm run generate`. Do not edit.
// SPDX-License-Identifier: Apache-2.0

/** The release that this program is of. */
export const release = '0.1.0';

// SPDX-License-Identifier: Apache-2.0
export type * from './generated/types.ts';
export * from './interface-name.ts';
export * from './key.ts';
export * from './names.ts';
export * from './network-status.ts';
export * from './networks-annotation.ts';
export type * from './object-meta.ts';
export type * from './objects.ts';
export { type Complaint, formatComplaint, type Parsed } from './parsed.ts';
export * from './pod-networks.ts';
export * from './weight.ts';

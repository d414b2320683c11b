// SPDX-License-Identifier: Apache-2.0
import { describe } from 'vitest';
import { needs } from '../../support/needs.ts';
import { missingForGround } from './ground.ts';

/** A suite that needs root and a kernel; without them it is skipped, with the reason. */
export function describeOnKernel(name: string, body: () => void): void {
  describe(name, needs(missingForGround()), body);
}

// SPDX-License-Identifier: Apache-2.0
import { describe } from 'vitest';
import { needs } from '../../support/needs.ts';
import { missingForGround } from './ground.ts';

/** A suite that needs root and a kernel; where they are missing it is skipped and says why. */
export function describeOnKernel(name: string, body: () => void): void {
  describe(name, needs(missingForGround()), body);
}

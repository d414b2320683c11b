import { describe } from 'vitest';
import { missingForGround } from './ground.ts';

const missing = missingForGround();
if (missing !== undefined) console.warn(`SKIPPED, kernel tests of attachments: ${missing}`);

/** A suite that needs root and a kernel; where they are missing it is skipped and says why. */
export function describeOnKernel(name: string, body: () => void): void {
  describe.skipIf(missing !== undefined)(missing === undefined ? name : `${name} [${missing}]`, body);
}

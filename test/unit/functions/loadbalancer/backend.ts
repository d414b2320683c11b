// SPDX-License-Identifier: Apache-2.0
import type { Backend } from '../../../../functions/loadbalancer/backends.ts';

/** A backend that takes flows. */
export const backend: Backend = {
  address: '10.0.0.1',
  family: 4,
  pod: 'shop/a',
  weight: 100,
  draining: false,
  unready: false,
  unknown: false,
};

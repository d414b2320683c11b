// SPDX-License-Identifier: Apache-2.0
import { beside } from './beside.ts';

/** Runs `work` while another CPU switches the policy of a network all the time (`switcher.bpf.c`). */
export function besideSwitches<T>(
  { folder, vni }: { readonly folder: string; readonly vni: number },
  work: () => Promise<T>,
): Promise<T> {
  return beside({ folder, name: 'switcher', map: 'networks', mark: vni }, work);
}

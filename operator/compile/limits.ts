// SPDX-License-Identifier: Apache-2.0

/** Most of what one tenant may have, from the chart's values (`limits`). */
export interface Limits {
  /** Interfaces of the pods of a namespace on networks. */
  readonly portsPerNamespace: number;
  /** Addresses of one IP family that a pod may have on one network. */
  readonly addressesPerPod: number;
  /** ServiceChains of a namespace. Each has one of the 65535 path ids of the cluster. */
  readonly chainsPerNamespace: number;
  /**
   * Entries that the chains of a network may need in the classifier of a node, and in its table of ranges. Each of the two
   * has room for 262,144.
   */
  readonly entriesPerNetwork: number;
  /** Services of a namespace that name what is on a network. A change of a pod writes a slice of each that selects it. */
  readonly namedServicesPerNamespace: number;
}

/** The limits without any value of the chart: far above what a namespace of a large cluster needs. */
export const DEFAULT_LIMITS: Limits = {
  portsPerNamespace: 16_384,
  addressesPerPod: 32,
  chainsPerNamespace: 1024,
  entriesPerNetwork: 65_536,
  namedServicesPerNamespace: 1024,
};

// SPDX-License-Identifier: Apache-2.0

export interface NodeTable {
  /** UDP port of VXLAN between nodes. */
  readonly vxlanPort: number;
  /** The port before a change of `vxlanPort`: other nodes may still use it. */
  readonly formerPort?: number | undefined;
  /** The VXLAN device, from which the node's own packets come. */
  readonly vxlanDevice: string;
  /** Devices by which VXLAN may arrive, whatever the routes say. */
  readonly underlayDevices: readonly string[];
  /** False: this kernel has no `fib` expression, so VXLAN is taken in by every device. */
  readonly hasFib: boolean;
  /** Whether the kernel has IPVS, whose packets need another check. It would cost every packet of the node something. */
  readonly hasIpvs: boolean;
}

/** After destination NAT (-100) and IPVS (98): both may turn another port into that of VXLAN. */
const AFTER_NAT = 200;

/**
 * Pure: the node's table of nftables, `nft list table inet heddle`.
 *
 * - VXLAN between nodes is excluded from connection tracking. Tracking would cost each packet a look-up on both nodes. It
 *   would also fill the table: VXLAN derives the source port from the flow's hash (RFC 7348, 5), and each source port needs
 *   an entry.
 * - The node forwards no VXLAN: to other nodes it could look like the node's own. Packets that IPVS translates leave by
 *   `postrouting` without passing `forward`; so with IPVS a packet may leave only if it comes from the VXLAN device or from no device
 *   (a process of the node). A VRF sends the node's own packets once more, through its device.
 * - The node takes in VXLAN only by an underlay device, or by the device to which the route back to the sender leads. So
 *   packets may arrive by any of several uplinks, and a change of routes changes nothing here.
 */
export function renderNodeTable(options: NodeTable): string {
  const { vxlanPort, formerPort, underlayDevices, hasFib, hasIpvs } = options;
  const notrack = `udp dport ${vxlanPort} notrack`;
  const vxlan = `udp dport ${oneOf([vxlanPort, ...(formerPort === undefined ? [] : [formerPort])])}`;
  return `table inet heddle
delete table inet heddle
table inet heddle {
  counter forwarded-vxlan { }
  counter foreign-vxlan { }
  chain arriving {
    type filter hook prerouting priority raw; policy accept;
    ${notrack}
  }
  chain leaving {
    type filter hook output priority raw; policy accept;
    ${notrack}
  }
  chain forwarded {
    type filter hook forward priority ${AFTER_NAT}; policy accept;
    ${vxlan} counter name "forwarded-vxlan" drop
  }
${hasIpvs ? renderSent(vxlan, options.vxlanDevice) : ''}${hasFib ? renderInput(vxlanPort, underlayDevices) : ''}}
`;
}

/** One value, or a set of them. A comparison costs less than a look-up, and these rules see every packet. */
function oneOf(values: readonly (number | string)[]): string {
  return values.length === 1 ? String(values[0]) : `{ ${values.join(', ')} }`;
}

function renderSent(vxlan: string, vxlanDevice: string): string {
  return `  chain sent {
    type filter hook postrouting priority ${AFTER_NAT}; policy accept;
    ${vxlan} jump only-own
  }
  chain only-own {
    iifname "${vxlanDevice}" accept
    meta iif 0 accept
    meta iifkind "vrf" accept
    counter name "forwarded-vxlan" drop
  }
`;
}

function renderInput(vxlanPort: number, devices: readonly string[]): string {
  const underlay = oneOf(devices.map((device) => `"${device}"`));
  return `  chain received {
    type filter hook input priority ${AFTER_NAT}; policy accept;
    udp dport ${vxlanPort} iifname != ${underlay} jump only-underlay
  }
  chain only-underlay {
    fib saddr . iif oif exists accept
    counter name "foreign-vxlan" drop
  }
`;
}

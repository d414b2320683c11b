// SPDX-License-Identifier: Apache-2.0
/** Pure: how containerd in the nodes is told where a registry is that has another address from inside. */

/** The registry's name in names of images, as people on this machine reach it. */
export function registryName(port: number): string {
  return `127.0.0.1:${port}`;
}

/** Where containerd looks for what it must know of a registry, at each pull. */
export function hostsFolder(port: number): string {
  return `/etc/containerd/certs.d/${registryName(port)}`;
}

/** The text of a `hosts.toml`: pulls of `127.0.0.1:PORT/...` go to the address on the nodes' network, without TLS. */
export function renderHosts(port: number, address: string): string {
  const host = address.includes(':') ? `[${address}]` : address;
  return [
    `server = "http://${registryName(port)}"`,
    '',
    `[host."http://${host}:5000"]`,
    '  capabilities = ["pull", "resolve"]',
    '',
  ].join('\n');
}

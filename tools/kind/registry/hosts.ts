// SPDX-License-Identifier: Apache-2.0
/** Pure: the settings by which containerd in the nodes finds a registry that has another address inside their network. */

/** The name of the registry in names of images, as users on this machine reach it. */
export function registryName(port: number): string {
  return `127.0.0.1:${port}`;
}

/** The folder in which containerd looks for the settings of a registry, at each pull. */
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

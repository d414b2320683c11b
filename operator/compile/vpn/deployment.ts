// SPDX-License-Identifier: Apache-2.0
import { annotations, labels, programs } from '../../../api/index.ts';
import { gatewaySecretNamesOf, handoverSeconds } from '../../../api/vpn-names.ts';
import type { Vpn } from '../../../api/vpn-objects.ts';
import { type CompiledPods, compileDeployment, type DesiredDeployment } from '../workload/deployment.ts';
import { compileRights, type Readable } from '../workload/rights.ts';
import { ownerOf } from '../workload/types.ts';

/** The interface of a gateway on its network. */
export const gatewayInterface = 'net1';

/** Names of the objects that gateways read besides their VPN: their two Secrets. */
export function readableOf({ metadata }: Vpn): Readable {
  return { configMaps: [], secrets: gatewaySecretNamesOf(metadata.name) };
}

/** Compiles the pods of a VPN's gateways. They may read their own object and their two Secrets, by name. */
export function compileGateways(vpn: Vpn, image: string): CompiledPods {
  return {
    rights: compileRights(ownerOf(vpn), readableOf(vpn)),
    deployment: compileGatewayDeployment(vpn, image),
  };
}

/** The Deployment of a VPN's gateways. It contains nothing about peers, so a new or removed peer restarts no pod. */
function compileGatewayDeployment(vpn: Vpn, image: string): DesiredDeployment {
  const { replicas, pod, network, listenPort } = vpn.spec;
  const networks = JSON.stringify([{ name: network, interface: gatewayInterface }]);
  return compileDeployment({
    owner: ownerOf(vpn),
    replicas,
    pod,
    image,
    interfaces: [gatewayInterface],
    marks: { labels: { [labels.gateway]: 'true' }, annotations: { [annotations.networks]: networks } },
    mostDrainSeconds: handoverSeconds,
    program: {
      name: programs.VPN,
      ports: [{ name: 'wireguard', containerPort: listenPort, protocol: 'UDP' }],
      mounts: [{ name: 'tun', mountPath: '/dev/net/tun' }],
      resources: pod?.resources,
    },
    // Files with keys are here while `wg` reads them. The volume is in memory, so keys are never on a disk.
    tmp: { medium: 'Memory', sizeLimit: '16Mi' },
    // wireguard-go needs this device when the kernel has no WireGuard.
    volumes: [{ name: 'tun', hostPath: { path: '/dev/net/tun', type: 'CharDevice' } }],
  });
}

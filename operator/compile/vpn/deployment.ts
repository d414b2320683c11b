import { objectNameOf } from '../../../api/function-names.ts';
import { annotations, functionPort, labels } from '../../../api/index.ts';
import type { Vpn } from '../../../api/vpn-objects.ts';
import {
  DEFAULT_RESOURCES,
  EXIT_SECONDS,
  environment,
  optional,
  programPart,
  spreadOverNodes,
  waitContainer,
} from '../function/deployment.ts';
import { ownedMetadata, ownLabels, selectorLabels } from '../function/metadata.ts';
import type { Desired } from '../function/types.ts';
import { ownerOfVpn } from './owner.ts';

/** The interface of a gateway on its network. */
export const gatewayInterface = 'net1';

/** An active gateway stays so long for another one to take over; the program has the same. */
const HANDOVER_SECONDS = 30;

// When the node's agent was away it gives the interface later, and a gateway without it has nothing to do.
const WAIT_FOR_INTERFACE = `until [ -e /sys/class/net/${gatewayInterface} ]; do sleep 0.1; done`;

/** The Deployment of a VPN's gateways. Nothing of its peers: whoever comes or goes restarts no pod. */
export function compileVpnDeployment(vpn: Vpn, image: string): Desired {
  const owner = ownerOfVpn(vpn);
  const { replicas, pod } = vpn.spec;
  const network = JSON.stringify([{ name: vpn.spec.network, interface: gatewayInterface }]);
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: ownedMetadata(owner, objectNameOf(owner.kind, owner.name)),
    spec: {
      replicas,
      revisionHistoryLimit: 2,
      selector: { matchLabels: selectorLabels(owner) },
      // The next one is ready before the active one goes, and takes over from it.
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } },
      template: {
        metadata: {
          labels: { ...pod?.labels, ...ownLabels(owner), [labels.gateway]: 'true' },
          annotations: { ...pod?.annotations, [annotations.networks]: network },
        },
        spec: podSpec(vpn, image),
      },
    },
  } as Desired;
}

function podSpec(vpn: Vpn, image: string): unknown {
  const owner = ownerOfVpn(vpn);
  const { pod } = vpn.spec;
  return {
    serviceAccountName: objectNameOf(owner.kind, owner.name),
    automountServiceAccountToken: true,
    enableServiceLinks: false,
    terminationGracePeriodSeconds: HANDOVER_SECONDS + EXIT_SECONDS,
    securityContext: { seccompProfile: { type: 'RuntimeDefault' } },
    ...optional('nodeSelector', pod?.nodeSelector),
    ...optional('tolerations', pod?.tolerations),
    ...optional('affinity', pod?.affinity),
    ...optional('priorityClassName', pod?.priorityClassName),
    topologySpreadConstraints: pod?.topologySpreadConstraints ?? [spreadOverNodes(owner)],
    initContainers: [waitContainer(image, WAIT_FOR_INTERFACE)],
    containers: [gatewayContainer(vpn, image)],
    volumes: [
      { name: 'run', emptyDir: { medium: 'Memory', sizeLimit: '16Mi' } },
      { name: 'tmp', emptyDir: { medium: 'Memory', sizeLimit: '16Mi' } },
      // wireguard-go makes the tunnel by it where the kernel has no WireGuard.
      { name: 'tun', hostPath: { path: '/dev/net/tun', type: 'CharDevice' } },
    ],
  };
}

function gatewayContainer(vpn: Vpn, image: string): unknown {
  return {
    name: 'vpn',
    image,
    imagePullPolicy: 'IfNotPresent',
    env: environment(ownerOfVpn(vpn)),
    ports: [
      { name: 'http', containerPort: functionPort, protocol: 'TCP' },
      { name: 'wireguard', containerPort: vpn.spec.listenPort, protocol: 'UDP' },
    ],
    resources: vpn.spec.pod?.resources ?? DEFAULT_RESOURCES,
    ...programPart('http'),
    volumeMounts: [
      { name: 'run', mountPath: '/run' },
      // Keys are in files here for as long as `wg` reads them: in memory only.
      { name: 'tmp', mountPath: '/tmp' },
      { name: 'tun', mountPath: '/dev/net/tun' },
    ],
  };
}

// SPDX-License-Identifier: Apache-2.0
import { heddle, labels } from '../../../api/index.ts';
import { FAMILIES, type Family } from '../../../api/net/address.ts';
import type { EndpointSlice, NamedService } from '../../observe/stores.ts';
import type { OwnedMetadata } from '../workload/types.ts';
import { type Endpoint, type Endpoints, sameEndpoint } from './endpoints.ts';
import { pack } from './pack.ts';

const MANAGER = 'heddle-operator';
const COMPONENT = 'names';
const SERVICE_NAME = 'kubernetes.io/service-name';

/** An EndpointSlice that must exist. */
export interface DesiredSlice {
  readonly apiVersion: 'discovery.k8s.io/v1';
  readonly kind: 'EndpointSlice';
  readonly metadata: OwnedMetadata;
  readonly addressType: 'IPv4' | 'IPv6';
  readonly ports: NonNullable<EndpointSlice['ports']>;
  readonly endpoints: readonly Endpoint[];
}

/** Whether an EndpointSlice is one that Heddle made for a user's Service. */
export function isOfNames({ metadata }: EndpointSlice): boolean {
  return (
    metadata?.labels?.[labels.component] === COMPONENT &&
    metadata.labels['endpointslice.kubernetes.io/managed-by'] === MANAGER &&
    metadata.name?.startsWith(`${prefixOf(metadata.labels[SERVICE_NAME] ?? '')}-ipv`) === true
  );
}

/** The EndpointSlices of a Service: those of each IP version that it has, at most 100 endpoints each. Pure. */
export function compileSlices(options: {
  readonly service: NamedService;
  readonly endpoints: Endpoints;
  /** The slices of this Service as they are now. */
  readonly stored: readonly EndpointSlice[];
}): readonly DesiredSlice[] {
  const { service, endpoints, stored } = options;
  const { ipFamilies = ['IPv4', 'IPv6'] } = service.spec;
  return FAMILIES.filter((family) => ipFamilies.includes(`IPv${family}`)).flatMap((family) =>
    pack({
      wanted: endpoints.byFamily[family],
      keyOf: ({ addresses }) => addresses[0] ?? '',
      same: sameEndpoint,
      stored: stored.flatMap((slice) => {
        const index = indexOf(service, family, slice);
        return index === undefined ? [] : [{ index, items: slice.endpoints ?? [] }];
      }),
    }).map(({ index, items }) => sliceOf({ service, family, index, items })),
  );
}

function sliceOf(options: {
  readonly service: NamedService;
  readonly family: Family;
  readonly index: number;
  readonly items: readonly Endpoint[];
}): DesiredSlice {
  const { service, family, index, items } = options;
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: metadataOf(service, nameOf(service, family, index)),
    addressType: `IPv${family}`,
    ports: (service.spec.ports ?? []).map(
      ({ name = '', protocol = 'TCP', port, targetPort, appProtocol }) => ({
        name,
        protocol,
        port: typeof targetPort === 'number' && targetPort > 0 ? targetPort : port,
        ...(appProtocol === undefined ? {} : { appProtocol }),
      }),
    ),
    endpoints: items,
  };
}

function metadataOf({ metadata }: NamedService, name: string): OwnedMetadata {
  return {
    name,
    namespace: metadata.namespace,
    labels: {
      [labels.name]: heddle,
      [labels.component]: COMPONENT,
      'app.kubernetes.io/managed-by': MANAGER,
      'endpointslice.kubernetes.io/managed-by': MANAGER,
      [SERVICE_NAME]: metadata.name,
      // Nodes' own proxies do not read slices with this label, so these addresses never become those of a Service.
      'service.kubernetes.io/headless': '',
    },
    ownerReferences: [
      { apiVersion: 'v1', kind: 'Service', name: metadata.name, uid: metadata.uid ?? '', controller: true },
    ],
  };
}

function prefixOf(service: string): string {
  return `heddle-service-${service}`;
}

function nameOf({ metadata }: NamedService, family: Family, index: number): string {
  return `${prefixOf(metadata.name)}-ipv${family}-${index}`;
}

/** The number of a slice, from its name; undefined for one of another IP version. */
function indexOf(service: NamedService, family: Family, { metadata }: EndpointSlice): number | undefined {
  const start = `${prefixOf(service.metadata.name)}-ipv${family}-`;
  const rest = metadata?.name?.startsWith(start) ? metadata.name.slice(start.length) : '';
  return /^(0|[1-9]\d{0,5})$/.test(rest) ? Number(rest) : undefined;
}

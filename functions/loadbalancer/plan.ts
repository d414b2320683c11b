// SPDX-License-Identifier: Apache-2.0
import { createHash } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import type { LoadBalancer } from '../../api/index.ts';
import { addressesOf, checkPortOf, checkTimeoutOf, targetPortOf } from '../../api/load-balancer-check.ts';
import { parseAddress } from '../../api/net/address.ts';
import type { SelectedPods } from '../../api/selected-pods.ts';
import { type Backend, resolveBackends } from './backends.ts';
import type { Plan } from './balancer.ts';
import type { CheckPlan } from './checks.ts';
import type { ChecksWay, OutsideWay } from './picture.ts';
import { type Connect, probe, type Question } from './probe.ts';

/** The field that a plan still lacks, and why. */
export interface Missing {
  readonly field: string;
  readonly message: string;
}

const DEFAULT_AFFINITY_SECONDS = 10_800;

/** Pure: the plan of a load balancer, or what it still lacks. */
export function planFor(
  object: LoadBalancer,
  {
    selectedPods,
    way,
    outside,
  }: {
    readonly selectedPods: SelectedPods | undefined;
    readonly way: ChecksWay | undefined;
    /** How clients outside would enter the path. */
    readonly outside?: OutsideWay | undefined;
  },
): Plan | Missing {
  const { spec, metadata } = object;
  const backends = resolveBackends(spec, selectedPods);
  if (!backends) {
    return {
      field: 'spec.backends.podSelector',
      message: 'the operator has not yet resolved this selector to pods',
    };
  }
  if (spec.healthCheck && !way) {
    // Health checks never use the pod's own network, where the same addresses may belong to other pods.
    return { field: 'spec.healthCheck', message: 'no path leads to the backends yet' };
  }
  const own = addressesOf(object);
  if (own.length === 0)
    return { field: 'spec.addresses', message: 'the operator has not given it an address yet' };
  const addresses = Object.fromEntries(own.map((text) => [parseAddress(text).family, text]));
  return {
    picture: {
      addresses,
      listeners: spec.listeners.map((listener) => ({
        name: listener.name,
        protocol: listener.protocol === 'TCP' ? 'tcp' : 'udp',
        port: listener.port,
        targetPort: targetPortOf(listener),
      })),
      affinitySeconds:
        spec.affinity === 'ClientIP' ? (spec.affinitySeconds ?? DEFAULT_AFFINITY_SECONDS) : undefined,
      seed: createHash('sha256').update(`${metadata.namespace}/${metadata.name}`).digest().readUInt32BE(0),
      checks: way,
      outside: spec.expose && outside,
    },
    // A backend of a family in which the load balancer has no address cannot be used.
    backends: backends.filter(({ family }: Backend) => addresses[family] !== undefined),
    outlives: spec.backends.addresses !== undefined,
    drainMs: spec.drainSeconds * 1000,
    onUnhealthy: spec.onUnhealthy ?? 'Reset',
    checks: planChecks(object, { addresses, way }),
  };
}

function planChecks(
  { spec }: LoadBalancer,
  {
    addresses,
    way,
  }: { readonly addresses: Readonly<Record<string, string>>; readonly way: ChecksWay | undefined },
): CheckPlan | undefined {
  const { healthCheck } = spec;
  const port = checkPortOf(spec);
  if (!healthCheck || port === undefined) return undefined;
  const { intervalMs, healthyAfter, unhealthyAfter } = healthCheck;
  const question = questionOf(healthCheck);
  const timeoutMs = checkTimeoutOf(healthCheck);
  const open = way && connectFrom(addresses, way);
  return {
    intervalMs,
    healthyAfter,
    unhealthyAfter,
    key: JSON.stringify([question, port, intervalMs, timeoutMs, way]),
    ask: (address) => probe({ address, port }, { question, timeoutMs, ...(open && { open }) }),
  };
}

function questionOf({ http }: NonNullable<LoadBalancer['spec']['healthCheck']>): Question {
  if (!http) return { kind: 'Tcp' };
  const [first, last] = String(http.expectedStatus).split('-').map(Number);
  return { kind: 'Http', path: http.path, first: first!, last: last ?? first! };
}

/** Opens sockets from the load balancer's own address, each from another port of this instance's range. */
function connectFrom(addresses: Readonly<Record<string, string>>, { ports }: ChecksWay): Connect {
  let next = ports.first;
  return ({ address, port }): Socket => {
    const localPort = next;
    next = next === ports.last ? ports.first : next + 1;
    const localAddress = addresses[parseAddress(address).family]!;
    return connect({ host: address, port, localAddress, localPort, noDelay: true });
  };
}

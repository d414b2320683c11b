// SPDX-License-Identifier: Apache-2.0
import type { FieldError } from './field-error.ts';
import type { LoadBalancerListener, LoadBalancerSpec, LoadBalancerStatus } from './generated/types.ts';
import { functionPort } from './names.ts';
import { type Address, AddressError, type Family, parseAddress } from './net/address.ts';

/**
 * The addresses of a load balancer: those in its spec, else those that the operator gave it. Empty until it has some.
 */
export function addressesOf(object: {
  readonly spec: Pick<LoadBalancerSpec, 'addresses'>;
  readonly status?: Pick<LoadBalancerStatus, 'addresses'> | undefined;
}): readonly string[] {
  return object.spec.addresses ?? object.status?.addresses ?? [];
}

interface Statused {
  readonly status?: Pick<LoadBalancerStatus, 'addresses' | 'draining'> | undefined;
}

/**
 * The addresses at which the nodes lead packets to a load balancer: those that its status names, and those that drain. They
 * are not those of its spec, which may belong to a pod, whose packets must not enter a chain.
 */
export function ledAddressesOf({ status }: Statused): readonly string[] {
  return [...(status?.addresses ?? []), ...drainingAddressesOf({ status })];
}

/** The addresses that an edit took away from a load balancer, and whose flows have not ended yet. */
export function drainingAddressesOf({ status }: Statused): readonly string[] {
  return (status?.draining ?? []).map(({ address }) => address);
}

/** The port at which backends serve a listener. */
export function targetPortOf({ port, targetPort }: LoadBalancerListener): number {
  return targetPort ?? port;
}

/** The port of the backends for health checks; undefined when the spec sets none. */
export function checkPortOf({ healthCheck, listeners }: LoadBalancerSpec): number | undefined {
  const own = healthCheck?.http?.port ?? healthCheck?.tcp?.port;
  const first = listeners.find(({ protocol }) => protocol === 'TCP');
  return own ?? (first && targetPortOf(first));
}

/** Timeout of a health check. */
export function checkTimeoutOf(check: {
  readonly intervalMs: number;
  readonly timeoutMs?: number | undefined;
}): number {
  return check.timeoutMs ?? Math.min(200, check.intervalMs);
}

/**
 * Checks what the schema of a LoadBalancer cannot express. Returns all faults of a spec, in the order of its fields.
 * A spec with a fault is not applied; the instances keep the last valid one. Pure.
 */
export function checkLoadBalancer(spec: LoadBalancerSpec): readonly FieldError[] {
  const own = (spec.addresses ?? []).map((text, i) => parseUsable(text, `spec.addresses[${i}]`));
  const backends = (spec.backends.addresses ?? []).map(({ address }, i) =>
    parseUsable(address, `spec.backends.addresses[${i}].address`),
  );
  return [...own, ...repeatedFamily(own), ...backends, ...exposedFaults(spec)].flatMap((result) =>
    'message' in result ? [result] : [],
  );
}

/**
 * Parses an address. The schema accepts every form; only forms that all programs read in the same way are accepted
 * here.
 */
function parseUsable(text: string, field: string): Address | FieldError {
  try {
    const address = parseAddress(text);
    const fault = uselessAs(address);
    return fault ? { field, message: `${text} ${fault}` } : address;
  } catch (error) {
    if (error instanceof AddressError) return { field, message: error.message };
    throw error;
  }
}

/** Why an address cannot belong to a host of a network; undefined when it can. */
function uselessAs({ family, value }: Address): string | undefined {
  const first = family === 4 ? value >> 24n : value >> 120n;
  if (family === 4 && first >= 224n) return 'is multicast or broadcast; use the address of one host';
  if (family === 4 && first === 127n) return 'is loopback; use an address of the network';
  if (family === 4 && first === 0n) return 'is no address of a host';
  if (family === 6 && first === 0xffn) return 'is multicast; use the address of one host';
  if (family === 6 && value <= 1n) return 'is no address of a host on a network';
  if (family === 6 && value >> 118n === 0x3fan) return 'is link-local; use an address of the network';
  return undefined;
}

function repeatedFamily(parsed: readonly (Address | FieldError)[]): readonly FieldError[] {
  const families = parsed.flatMap((each): Family[] => ('family' in each ? [each.family] : []));
  const twice = ([4, 6] as const).find((family) => families.filter((each) => each === family).length > 1);
  if (twice === undefined) return [];
  return [
    {
      field: 'spec.addresses',
      message: `two addresses are IPv${twice}; at most one of each family is allowed`,
    },
  ];
}

/**
 * Faults of `expose`. The Service sends to ports of the pods, one of which is used for reports. Each node port must
 * name an existing listener.
 */
function exposedFaults({ expose, listeners }: LoadBalancerSpec): readonly FieldError[] {
  if (!expose) return [];
  const taken = listeners.flatMap(({ protocol, port }, i) => {
    if (protocol !== 'TCP' || port !== functionPort) return [];
    const message = `${port} is the port of the instances' own reports; use another, or leave expose out`;
    return [{ field: `spec.listeners[${i}].port`, message }];
  });
  const stray = (expose.nodePorts ?? []).flatMap(({ listener }, i) => {
    if (listeners.some(({ name }) => name === listener)) return [];
    return [{ field: `spec.expose.nodePorts[${i}].listener`, message: `there is no listener ${listener}` }];
  });
  return [...taken, ...stray];
}

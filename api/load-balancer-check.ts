// SPDX-License-Identifier: Apache-2.0
import type { FieldError } from './field-error.ts';
import type { LoadBalancerListener, LoadBalancerSpec, LoadBalancerStatus } from './generated/types.ts';
import { functionPort } from './names.ts';
import { type Address, AddressError, type Family, parseAddress } from './net/address.ts';

/** Where clients reach a load balancer: as its spec says, else what the operator gave it; none until it has. */
export function addressesOf(object: {
  readonly spec: Pick<LoadBalancerSpec, 'addresses'>;
  readonly status?: Pick<LoadBalancerStatus, 'addresses'> | undefined;
}): readonly string[] {
  return object.spec.addresses ?? object.status?.addresses ?? [];
}

/** Where backends serve what clients ask for. */
export function targetPortOf({ port, targetPort }: LoadBalancerListener): number {
  return targetPort ?? port;
}

/** The port of the backends that health checks ask; undefined when nothing says one. */
export function checkPortOf({ healthCheck, listeners }: LoadBalancerSpec): number | undefined {
  const own = healthCheck?.http?.port ?? healthCheck?.tcp?.port;
  const first = listeners.find(({ protocol }) => protocol === 'TCP');
  return own ?? (first && targetPortOf(first));
}

/** How long a check may take. */
export function checkTimeoutOf(check: {
  readonly intervalMs: number;
  readonly timeoutMs?: number | undefined;
}): number {
  return check.timeoutMs ?? Math.min(200, check.intervalMs);
}

/**
 * What the schema of a LoadBalancer cannot say: all that is wrong with a spec, in the order of its fields. A spec with
 * a fault is not carried out; the functions keep what they had. Pure.
 */
export function checkLoadBalancer(spec: LoadBalancerSpec): readonly FieldError[] {
  const own = (spec.addresses ?? []).map((text, i) => parseUsable(text, `spec.addresses[${i}]`));
  const backends = (spec.backends.addresses ?? []).map(({ address }, i) =>
    parseUsable(address, `spec.backends.addresses[${i}].address`),
  );
  return [
    ...own,
    ...repeatedFamily(own),
    ...backends,
    ...repeatedTargets(spec.listeners),
    ...exposedFaults(spec),
  ].flatMap((result) => ('message' in result ? [result] : []));
}

/** The schema takes every form of an address; we take those that all programs read in one way. */
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

/** Why no host of a network can have an address. */
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
    { field: 'spec.addresses', message: `two addresses are of IPv${twice}; one of each family can be` },
  ];
}

/** The Service leads to the pods' own ports, one of which is taken; and a port of the nodes is for a listener. */
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

/** Whoever gets an answer of a backend without knowing its flow must be able to tell who was asked. */
function repeatedTargets(listeners: readonly LoadBalancerListener[]): readonly FieldError[] {
  const seen = new Map<string, string>();
  return listeners.flatMap((listener, i) => {
    const target = `${listener.protocol} ${targetPortOf(listener)}`;
    const other = seen.get(target);
    seen.set(target, listener.name);
    if (other === undefined) return [];
    const message = `is served at ${target} as listener ${other} is; give one of them another targetPort`;
    return [{ field: `spec.listeners[${i}].targetPort`, message }];
  });
}

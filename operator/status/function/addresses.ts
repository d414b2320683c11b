import type { FieldError } from '../../api/field-error.ts';
import { containsAddress, parseAddress, parseCidr, parseRange, type Subnet } from '../../api/index.ts';

/** Another load balancer of the network. */
export interface Rival {
  readonly name: string;
  readonly addresses: readonly string[];
  readonly createdAt: string;
}

/**
 * What only its network can say of a load balancer's addresses: each must be in a subnet, among those that no pod gets,
 * and nobody else's; of two balancers the older one has it. Pure; the addresses are good in themselves.
 */
export function checkAddresses(options: {
  readonly name: string;
  readonly createdAt: string;
  readonly addresses: readonly string[];
  readonly network: { readonly name: string; readonly subnets: readonly Subnet[] };
  readonly rivals: readonly Rival[];
}): readonly FieldError[] {
  const { network, addresses } = options;
  return addresses.flatMap((text, i) => {
    const field = `spec.addresses[${i}]`;
    const address = parseAddress(text);
    const subnet = network.subnets.find(({ cidr }) => containsAddress(parseCidr(cidr), address));
    if (!subnet) {
      return [{ field, message: `${text} is in no subnet of network ${network.name}; use one that is` }];
    }
    const isReserved = (subnet.reserved ?? []).some((range) => {
      const { family, first, last } = parseRange(range);
      return family === address.family && first <= address.value && address.value <= last;
    });
    if (!isReserved) {
      const message = `${text} could be given to a pod; add it to reserved of subnet ${subnet.cidr} of network ${network.name}`;
      return [{ field, message }];
    }
    const rival = options.rivals.find((other) => other.addresses.includes(text) && isOlder(other, options));
    return rival ? [{ field, message: `${text} is load balancer ${rival.name}'s; use another` }] : [];
  });
}

function isOlder(
  a: Pick<Rival, 'name' | 'createdAt'>,
  b: { readonly name: string; readonly createdAt: string },
): boolean {
  return a.createdAt < b.createdAt || (a.createdAt === b.createdAt && a.name < b.name);
}

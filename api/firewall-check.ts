// SPDX-License-Identifier: Apache-2.0
import type { FieldError } from './field-error.ts';
import type { FirewallEndpoint, FirewallRule, FirewallSpec } from './generated/types.ts';
import { AddressError, FAMILIES, type Family } from './net/address.ts';
import { parsePrefix } from './net/prefix.ts';

/**
 * Checks what the schema of a Firewall cannot express. Returns all faults of a spec, in the order of its fields. A
 * spec with a fault is not applied; the instances keep the last valid one. Pure.
 */
export function checkFirewall(spec: FirewallSpec): readonly FieldError[] {
  const sets = new Set((spec.sets ?? []).map((set) => set.name));
  return [
    ...(spec.rules ?? []).flatMap((rule, i) => checkRule(rule, `spec.rules[${i}]`, sets)),
    ...(spec.sets ?? []).flatMap((set, i) => checkCidrs(set.cidrs, `spec.sets[${i}].cidrs`)),
    ...(spec.sets ?? []).flatMap((set, i) =>
      set.cidrs || set.configMapRef
        ? []
        : [{ field: `spec.sets[${i}]`, message: `set ${set.name} has neither cidrs nor configMapRef` }],
    ),
    ...repeated((spec.rules ?? []).map((rule) => rule.name)).map((name) => ({
      field: 'spec.rules',
      message: `two rules have the name ${name}; counters and logs could not tell them apart`,
    })),
  ];
}

function checkRule(rule: FirewallRule, field: string, sets: ReadonlySet<string>): readonly FieldError[] {
  const faults = [
    ...checkEndpoint(rule.source, `${field}.source`, sets),
    ...checkEndpoint(rule.destination, `${field}.destination`, sets),
    ...checkPorts(rule, field),
  ];
  return faults.length > 0 ? faults : checkFamilies(rule, field);
}

function checkEndpoint(
  endpoint: FirewallEndpoint | undefined,
  field: string,
  sets: ReadonlySet<string>,
): readonly FieldError[] {
  if (!endpoint) return [];
  const faults = [...checkCidrs(endpoint.cidrs, `${field}.cidrs`)];
  if (endpoint.set !== undefined && !sets.has(endpoint.set)) {
    const known = sets.size > 0 ? `it has ${[...sets].sort().join(', ')}` : 'it has none';
    faults.push({
      field: `${field}.set`,
      message: `the firewall has no set ${endpoint.set} in spec.sets; ${known}`,
    });
  }
  return faults;
}

function checkCidrs(cidrs: readonly string[] | undefined, field: string): readonly FieldError[] {
  return (cidrs ?? []).flatMap((cidr, i) => {
    const message = cidrFault(cidr);
    return message ? [{ field: `${field}[${i}]`, message }] : [];
  });
}

function cidrFault(text: string): string | undefined {
  try {
    parsePrefix(text);
    return undefined;
  } catch (error) {
    if (error instanceof AddressError) return error.message;
    throw error;
  }
}

const WITH_PORTS = ['TCP', 'UDP', 'SCTP'];

function checkPorts(rule: FirewallRule, field: string): readonly FieldError[] {
  const faults: FieldError[] = [];
  for (const side of ['sourcePorts', 'destinationPorts'] as const) {
    const ports = rule[side];
    if (!ports) continue;
    if (!rule.protocol || !WITH_PORTS.includes(rule.protocol)) {
      faults.push({ field: `${field}.${side}`, message: `${side} need protocol TCP, UDP or SCTP` });
    }
    ports.forEach((port, i) => {
      const message = portsFault(port);
      if (message) faults.push({ field: `${field}.${side}[${i}]`, message });
    });
  }
  if (rule.icmpTypes && rule.protocol !== 'ICMP' && rule.protocol !== 'ICMPv6') {
    faults.push({ field: `${field}.icmpTypes`, message: 'icmpTypes need protocol ICMP or ICMPv6' });
  }
  return faults;
}

function portsFault(port: number | string): string | undefined {
  const parts = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(String(port));
  const first = Number(parts?.[1]);
  const last = Number(parts?.[2] ?? parts?.[1]);
  if (!parts || first < 1 || last > 65535) return `"${port}" is no port; write 80 or "8000-8010"`;
  return first <= last ? undefined : `"${port}" ends before it begins; write "${last}-${first}"`;
}

/** Faults of a rule that can match no packet. Such a rule is a mistake, and a firewall must not hide it. */
function checkFamilies(rule: FirewallRule, field: string): readonly FieldError[] {
  const asked: readonly { readonly what: string; readonly families: readonly Family[] }[] = [
    { what: 'source', families: familiesOf(rule.source) },
    { what: 'destination', families: familiesOf(rule.destination) },
    { what: `protocol ${rule.protocol}`, families: familiesOfProtocol(rule.protocol) },
  ].filter(({ families }) => families.length < 2);
  const nothing = asked.find(({ families }) => families.length === 0);
  if (nothing) {
    return [
      { field: `${field}.${nothing.what}`, message: 'excludes every address: no packet can ever match' },
    ];
  }
  const [first, ...others] = asked;
  const other = others.find(({ families }) => families[0] !== first?.families[0]);
  if (!first || !other) return [];
  const message = `no packet can ever match: ${first.what} is IPv${first.families[0]}, ${other.what} is IPv${other.families[0]}`;
  return [{ field, message }];
}

function familiesOf(endpoint: FirewallEndpoint | undefined): readonly Family[] {
  if (!endpoint || endpoint.set !== undefined || endpoint.podSelector) return FAMILIES;
  const prefixes = (endpoint.cidrs ?? []).map(parsePrefix);
  const named = prefixes.filter(({ length }) => !endpoint.not || length === 0);
  return FAMILIES.filter(
    (family) => named.some((prefix) => prefix.family === family) !== (endpoint.not === true),
  );
}

function familiesOfProtocol(protocol: FirewallRule['protocol']): readonly Family[] {
  if (protocol === 'ICMP') return [4];
  if (protocol === 'ICMPv6') return [6];
  return FAMILIES;
}

function repeated(names: readonly string[]): readonly string[] {
  const seen = new Set<string>();
  const twice = new Set<string>();
  for (const name of names) (seen.has(name) ? twice : seen).add(name);
  return [...twice];
}

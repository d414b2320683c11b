// SPDX-License-Identifier: Apache-2.0
import { quote } from './net/address.ts';
import type { NetworkElement } from './network-element.ts';
import type { Parsed } from './parsed.ts';

/** Parses the elements of `shop, ns/shop@net1`. */
export function parseNetworksText(text: string): Parsed<readonly NetworkElement[]> {
  const elements: NetworkElement[] = [];
  for (const [index, part] of text.split(',').entries()) {
    const element = parseElement(part.trim());
    if (element === undefined) {
      const message = `${quote(part.trim())} is not of the form network, namespace/network or namespace/network@interface`;
      return { ok: false, complaint: { element: index + 1, message } };
    }
    elements.push(element);
  }
  return { ok: true, value: elements };
}

function parseElement(text: string): NetworkElement | undefined {
  const groups = /^(?:(?<namespace>[^/@\s]+)\/)?(?<name>[^/@\s]+)(?:@(?<interface>[^/@\s]+))?$/.exec(
    text,
  )?.groups;
  if (groups?.name === undefined) return undefined;
  return {
    name: groups.name,
    namespace: groups.namespace,
    interface: groups.interface,
    addresses: [],
  };
}

import fc from 'fast-check';
import ipaddr from 'ipaddr.js';
import { describe, expect, it } from 'vitest';
import { parseMappedAddress } from '../../../../agent/render/mapped.ts';

describe('an address as the maps have it', () => {
  it('is what the library makes of it, in every form', () => {
    fc.assert(
      fc.property(fc.oneof(fc.ipV4(), fc.ipV6()), (text) => {
        const address = ipaddr.parse(text);
        const mapped = address instanceof ipaddr.IPv4 ? address.toIPv4MappedAddress() : address;
        expect([...parseMappedAddress(text).bytes]).toEqual(mapped.toByteArray());
      }),
    );
  });

  it.each(['10.0.0', '10.0.0.256', '10.0.0.1.2', '10..0.1', '', '10.0.0.1/32', '10.0.0.x'])(
    'is not "%s", unless the library says so',
    (text) => {
      const ours = () => [...parseMappedAddress(text).bytes];
      if (!ipaddr.isValid(text)) expect(ours).toThrow();
      else expect(ours()).toEqual((ipaddr.parse(text) as ipaddr.IPv4).toIPv4MappedAddress().toByteArray());
    },
  );
});

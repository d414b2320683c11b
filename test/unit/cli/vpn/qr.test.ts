// SPDX-License-Identifier: Apache-2.0
import { encode } from 'uqr';
import { describe, expect, test } from 'vitest';
import { drawQr } from '../../../../cli/vpn/qr.ts';
import { renderPeerFile } from '../../../../operator/compile/vpn/wg-quick.ts';
import { decide, input, peer, vpn } from '../../operator/vpn-world.ts';

/** What a camera sees: the modules of what is drawn, dark ones true. */
function read(drawing: string): readonly (readonly boolean[])[] {
  return drawing
    .trimEnd()
    .split('\n')
    .flatMap((line) => {
      const characters = [...line];
      return [characters.map((c) => c === '▀' || c === '█'), characters.map((c) => c === '▄' || c === '█')];
    });
}

describe('the QR code of a file', () => {
  const decided = decide([input(peer('phone', { presharedKey: true }))], {
    vpn: vpn({ pool: ['10.99.0.0/24', 'fd99::/64'], endpoint: 'vpn.example.com:31820' }),
    subnets: ['10.20.0.0/16', 'fd20::/64'],
  });
  const file = renderPeerFile(decided, decided.peers[0]!)!;

  test('has every module of the text, dark on light, and a light border of two', () => {
    const { data } = encode(file, { ecc: 'L', border: 0 });
    const lines = drawQr(file, { coloured: false }).split('\n').slice(0, -1);
    expect(new Set(lines.map((line) => line.length))).toEqual(new Set([data.length + 4]));
    const seen = read(lines.map((line) => `${line}|`).join('\n')).map((row) => row.slice(0, -1));
    const inner = seen.slice(2, data.length + 2).map((row) => row.slice(2, -2));
    expect(inner).toEqual(data);
    const border = [...seen.slice(0, 2), ...seen.slice(data.length + 2)].flat();
    expect([...border, ...seen.flatMap((row) => [...row.slice(0, 2), ...row.slice(-2)])]).not.toContain(true);
  });

  test('of a usual file fits into a terminal of 80 columns', () => {
    expect(drawQr(file, { coloured: false }).indexOf('\n')).toBeLessThanOrEqual(80);
  });

  test('is black on white in a terminal of any colours, and every line gives them back', () => {
    const lines = drawQr('x', { coloured: true }).trimEnd().split('\n');
    const plain = drawQr('x', { coloured: false }).replace(/\n$/, '').split('\n');
    expect(lines).toEqual(plain.map((line) => `\u001b[38;2;0;0;0;48;2;255;255;255m${line}\u001b[0m`));
  });
});

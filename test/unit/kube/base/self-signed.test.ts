// SPDX-License-Identifier: Apache-2.0
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { expect, test } from 'vitest';
import { makeSelfSigned } from '../../../../kube/base/self-signed.ts';

test('the certificate is one that it signs itself, for its key and for five years from now', () => {
  const now = new Date('2026-11-30T12:00:00Z');
  const { key, cert } = makeSelfSigned('heddle-agent', now);
  const certificate = new X509Certificate(cert);
  expect(certificate.subject).toBe('CN=heddle-agent');
  expect(certificate.issuer).toBe('CN=heddle-agent');
  expect(certificate.verify(certificate.publicKey)).toBe(true);
  expect(certificate.checkPrivateKey(createPrivateKey(key))).toBe(true);
  expect(certificate.validFromDate.toISOString()).toBe('2026-11-29T12:00:00.000Z');
  expect(certificate.validToDate.getUTCFullYear()).toBe(2031);
  expect(certificate.serialNumber).not.toBe(new X509Certificate(makeSelfSigned('a', now).cert).serialNumber);
});

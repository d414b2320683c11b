// SPDX-License-Identifier: Apache-2.0
import { generateKeyPairSync, randomBytes, sign } from 'node:crypto';

const YEARS = 5;
const YEAR_MS = 365 * 86_400_000;

/** A private key and its certificate, in PEM. */
export interface KeyAndCertificate {
  readonly key: string;
  readonly cert: string;
}

/**
 * Makes a key and a certificate that it signs itself, for a server whose clients prove themselves by tokens: TLS keeps
 * the tokens secret, and nothing needs to be stored, renewed or distributed. Node creates keys and signatures but no
 * certificates, so the structure of RFC 5280 is encoded here; everything in it is fixed but key, name and time.
 */
export function makeSelfSigned(commonName: string, now: Date): KeyAndCertificate {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  const name = sequence(set(sequence(objectId(COMMON_NAME), utf8(commonName))));
  const validity = sequence(time(now.getTime() - YEAR_MS / 365), time(now.getTime() + YEARS * YEAR_MS));
  const algorithm = sequence(objectId(ECDSA_SHA256));
  const toBeSigned = sequence(
    tagged(0, integer(Buffer.from([2]))),
    integer(Buffer.concat([Buffer.from([1]), randomBytes(15)])),
    algorithm,
    name,
    validity,
    name,
    publicKey.export({ format: 'der', type: 'spki' }),
  );
  const signature = sign('sha256', toBeSigned, privateKey);
  const certificate = sequence(toBeSigned, algorithm, bits(signature));
  return { key: privateKey.export({ format: 'pem', type: 'pkcs8' }).toString(), cert: pem(certificate) };
}

/** 2.5.4.3 */
const COMMON_NAME = Buffer.from([0x55, 4, 3]);
/** 1.2.840.10045.4.3.2 */
const ECDSA_SHA256 = Buffer.from([0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 2]);

/** One element of DER: type, length, content. */
function element(type: number, content: Buffer): Buffer {
  const { length } = content;
  if (length < 128) return Buffer.concat([Buffer.from([type, length]), content]);
  const bytes = length < 256 ? [0x81, length] : [0x82, length >> 8, length & 255];
  return Buffer.concat([Buffer.from([type, ...bytes]), content]);
}

const sequence = (...parts: readonly Buffer[]): Buffer => element(0x30, Buffer.concat(parts));
const set = (part: Buffer): Buffer => element(0x31, part);
const tagged = (tag: number, part: Buffer): Buffer => element(0xa0 + tag, part);
const integer = (bytes: Buffer): Buffer => element(2, bytes);
const objectId = (bytes: Buffer): Buffer => element(6, bytes);
const utf8 = (text: string): Buffer => element(0x0c, Buffer.from(text));
const bits = (bytes: Buffer): Buffer => element(3, Buffer.concat([Buffer.from([0]), bytes]));

/** `YYMMDDhhmmssZ`, which RFC 5280 requires before the year 2050. */
function time(ms: number): Buffer {
  const text = new Date(ms).toISOString().replaceAll(/[-:T]|\.\d+/g, '');
  return element(0x17, Buffer.from(text.slice(2)));
}

function pem(der: Buffer): string {
  const lines = der.toString('base64').match(/.{1,64}/g) ?? [];
  return ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n');
}

// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ApiError, isGone, parseErrorBody } from '../../../kube/api-error.ts';
import { LineSplitter } from '../../../kube/base/lines.ts';
import { renderQuery } from '../../../kube/exchange.ts';
import { collectionPath, objectPath, resources } from '../../../kube/resource.ts';
import { APPLY_TYPE, MERGE_TYPE, retryDelay } from '../../../kube/transport.ts';
import { completeObject, parseWatchEvent } from '../../../kube/watch-event.ts';

test('lines come out whole however the bytes were cut, inside characters too', () => {
  const line = fc.string({ unit: 'grapheme', minLength: 1 }).filter((text) => !text.includes('\n'));
  fc.assert(
    fc.property(fc.array(line), fc.array(fc.nat({ max: 7 })), (lines, cuts) => {
      const bytes = Buffer.from(lines.map((text) => `${text}\n`).join(''), 'utf8');
      const seen: string[] = [];
      const splitter = new LineSplitter((text) => seen.push(text));
      let at = 0;
      for (const cut of [...cuts, bytes.length]) {
        splitter.push(bytes.subarray(at, at + cut));
        at += cut;
      }
      expect(seen).toEqual(lines);
    }),
  );
});

test('paths name group, version, namespace and subresource', () => {
  expect(collectionPath(resources.pods)).toBe('/api/v1/pods');
  expect(collectionPath(resources.ports, 'shop')).toBe('/apis/heddle.dev/v1alpha1/namespaces/shop/ports');
  expect(collectionPath(resources.nodes, 'ignored')).toBe('/api/v1/nodes');
  const ref = { resource: resources.firewalls, namespace: 'shop', name: 'edge' };
  expect(objectPath(ref, 'status')).toBe('/apis/heddle.dev/v1alpha1/namespaces/shop/firewalls/edge/status');
  expect(() => objectPath({ resource: resources.pods, name: 'web' })).toThrow('its namespace is missing');
});

test('a query leaves out what is not said and escapes what is', () => {
  expect(renderQuery({})).toBe('');
  expect(renderQuery({ limit: 5, continue: undefined, labelSelector: 'a=b' })).toBe(
    '?limit=5&labelSelector=a%3Db',
  );
});

test('an answer that is a Status becomes its error, with the time to wait', () => {
  const body = JSON.stringify({
    kind: 'Status',
    code: 429,
    reason: 'TooManyRequests',
    message: 'slow down',
    details: { retryAfterSeconds: 3 },
  });
  const error = parseErrorBody(429, body);
  expect(error).toMatchObject({
    status: 429,
    reason: 'TooManyRequests',
    message: 'slow down',
    retryAfterMs: 3000,
  });
  expect(parseErrorBody(429, body, '7').retryAfterMs).toBe(7000);
});

test('an answer with the fields of a Status but without its kind is read as a Status', () => {
  const body =
    '{"metadata":{},"status":"Failure","message":"Timeout: too long","reason":"Timeout","code":504}';
  expect(parseErrorBody(504, body)).toMatchObject({ reason: 'Timeout', message: 'Timeout: too long' });
});

test('an answer of a proxy that is no Status still says what it said', () => {
  const error = parseErrorBody(503, '<html>upstream gone</html>');
  expect(error).toMatchObject({ status: 503, reason: 'ServiceUnavailable' });
  expect(error.message).toContain('upstream gone');
});

test('only requests that can safely be repeated are retried automatically', () => {
  const lost = new ApiError({ status: 0, reason: 'Lost', message: '' });
  const busy = new ApiError({ status: 429, reason: 'TooManyRequests', message: '', retryAfterMs: 2000 });
  const sleepy = new ApiError({ status: 429, reason: 'TooManyRequests', message: '', retryAfterMs: 60_000 });
  expect(retryDelay(lost, 'GET', {}, 1)).toBe(0);
  expect(retryDelay(lost, 'PATCH', { contentType: APPLY_TYPE }, 1)).toBe(0);
  expect(retryDelay(lost, 'PATCH', { contentType: MERGE_TYPE }, 1)).toBeUndefined();
  expect(retryDelay(lost, 'POST', {}, 1)).toBeUndefined();
  expect(retryDelay(lost, 'GET', {}, 2)).toBeUndefined();
  expect(retryDelay(busy, 'POST', {}, 1)).toBe(2000);
  expect(retryDelay(sleepy, 'POST', {}, 1)).toBeUndefined();
  expect(retryDelay(new Error('ours'), 'GET', {}, 1)).toBeUndefined();
});

test('lines of a watch become events', () => {
  const object = { metadata: { name: 'a', resourceVersion: '7' } };
  expect(parseWatchEvent({ type: 'MODIFIED', object })).toEqual({ kind: 'Set', object });
  expect(parseWatchEvent({ type: 'DELETED', object })).toEqual({ kind: 'Delete', object });
  const annotations = { 'k8s.io/initial-events-end': 'true' };
  expect(
    parseWatchEvent({ type: 'BOOKMARK', object: { metadata: { resourceVersion: '9', annotations } } }),
  ).toEqual({ kind: 'Bookmark', resourceVersion: '9', initialEventsEnd: true });
});

test('an expired version in the stream is told from other errors, and nonsense is an error', () => {
  const status = { kind: 'Status', code: 410, reason: 'Expired', message: 'too old resource version' };
  const expired = parseWatchEvent({ type: 'ERROR', object: status });
  expect(expired.kind === 'Error' && isGone(expired.error)).toBe(true);
  for (const nonsense of [null, {}, { type: 'ADDED' }, { type: 'ADDED', object: {} }, { type: 'NEW' }, 7]) {
    expect(parseWatchEvent(nonsense).kind).toBe('Error');
  }
});

test('items of a list get their kind, and managedFields are dropped', () => {
  const item = { metadata: { name: 'a', managedFields: [{}] }, spec: { x: 1 } };
  expect(completeObject(item, resources.ports)).toEqual({
    apiVersion: 'heddle.dev/v1alpha1',
    kind: 'Port',
    metadata: { name: 'a' },
    spec: { x: 1 },
  });
});

// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest';
import { ApiError } from '../../../kube/api-error.ts';
import { createLogger } from '../../../kube/base/log.ts';
import type { KubeObject } from '../../../kube/object.ts';
import { Reflector } from '../../../kube/reflector.ts';
import { resources } from '../../../kube/resource.ts';
import { Store } from '../../../kube/store.ts';
import type { Transport } from '../../../kube/transport.ts';

const log = createLogger({ name: 'test', level: 'silent' });

/** An API server that does not know a kind. */
function withoutKind(): Transport {
  const refuse = () => Promise.reject(new ApiError({ status: 404, reason: 'NotFound', message: 'no kind' }));
  return { watch: refuse, request: refuse } as unknown as Transport;
}

/** Runs a reflector for a moment over a store that had an object. */
async function reflect(more: { readonly optional?: boolean }) {
  const store = new Store<KubeObject>({ name: 'things' });
  store.set({ metadata: { name: 'left', uid: '1' } });
  const resource = resources.formerChainSlices;
  const reflector = new Reflector({ transport: withoutKind(), resource, store, log, ...more });
  const stop = new AbortController();
  const running = reflector.run(stop.signal);
  await new Promise((resolve) => setTimeout(resolve, 20));
  stop.abort();
  await running;
  return { store, reflector };
}

test('a kind that need not be there and is not counts as one without objects', async () => {
  const { store, reflector } = await reflect({ optional: true });
  expect(reflector.hasSynced).toBe(true);
  expect(store.size).toBe(0);
});

test('a kind that must be there is waited for, and nothing is forgotten meanwhile', async () => {
  const { store, reflector } = await reflect({});
  expect(reflector.hasSynced).toBe(false);
  expect(store.size).toBe(1);
});

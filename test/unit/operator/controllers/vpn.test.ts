// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from 'vitest';
import type { Port } from '../../../../api/index.ts';
import type { Vpn, VpnPeer } from '../../../../api/vpn-objects.ts';
import { ApiError } from '../../../../kube/api-error.ts';
import type { Writer } from '../../../../kube/apply.ts';
import type { KubeObject } from '../../../../kube/object.ts';
import { compilePeerSecret } from '../../../../operator/compile/vpn/secrets.ts';
import { observeEnds } from '../../../../operator/controllers/chain/ends.ts';
import { createVpnMemories } from '../../../../operator/controllers/vpn/memory.ts';
import { changeSecret, makeSecret } from '../../../../operator/controllers/vpn/secrets.ts';
import { observeBlueprint } from '../../../../operator/controllers/vpn/snapshot.ts';
import { createVpnTriggers } from '../../../../operator/controllers/vpn/triggers.ts';
import { createStores } from '../../../../operator/observe/observation.ts';
import { decide, input, key, NOW, peer, vpn } from '../vpn-world.ts';

const laptop = peer('laptop');
const decided = decide([input(laptop)]);
const wanted = compilePeerSecret(decided, decided.peers[0]!);

/** A writer before an API server that has one Secret; what was written is kept. */
function writerWith(there: KubeObject | undefined) {
  const written: { readonly verb: string; readonly object: object }[] = [];
  const writer = {
    create: async (_: unknown, object: KubeObject) => {
      if (there) throw new ApiError({ status: 409, reason: 'AlreadyExists', message: 'it exists' });
      written.push({ verb: 'create', object });
      return object;
    },
    read: async () => there,
    apply: async (_: unknown, object: KubeObject) => {
      written.push({ verb: 'apply', object });
      return object;
    },
    patch: async (_: unknown, object: object) => {
      written.push({ verb: 'patch', object });
      return object;
    },
  } as unknown as Writer;
  return { writer, written };
}

describe('a Secret of keys', () => {
  test('is made when there is none', async () => {
    const { writer, written } = writerWith(undefined);
    const outcome = await makeSecret({ stores: createStores(), writer, owner: laptop, wanted });
    expect({ outcome, written }).toEqual({ outcome: 'Made', written: [{ verb: 'create', object: wanted }] });
  });

  test('is never written over: not one that is not seen yet, not a predecessor’s, not somebody else’s', async () => {
    const { ownerReferences, ...bare } = wanted.metadata;
    const before = {
      ...wanted,
      metadata: { ...bare, ownerReferences: [{ ...ownerReferences[0], uid: 'old' }] },
    };
    const pre = writerWith(before);
    await expect(
      makeSecret({ stores: createStores(), writer: pre.writer, owner: laptop, wanted }),
    ).rejects.toThrow('is there and was not seen yet');
    expect(pre.written).toEqual([]);

    const own = writerWith(wanted);
    await expect(
      makeSecret({ stores: createStores(), writer: own.writer, owner: laptop, wanted }),
    ).rejects.toThrow('is there and was not seen yet');
    // Only its labels: somebody may have taken off those by which it is seen.
    expect(own.written).toEqual([{ verb: 'patch', object: { metadata: { labels: bare.labels } } }]);

    const foreign = writerWith({ ...wanted, metadata: { ...bare, ownerReferences: [] } });
    const outcome = await makeSecret({
      stores: createStores(),
      writer: foreign.writer,
      owner: laptop,
      wanted,
    });
    expect({ outcome, written: foreign.written }).toEqual({ outcome: 'Taken', written: [] });
  });

  test('that says something else is changed, only over the version that was read', async () => {
    const stores = createStores();
    const seen = { ...wanted, metadata: { ...wanted.metadata, uid: 's', resourceVersion: '7' } };
    stores.secrets.set({ ...seen, data: { ...wanted.data, 'wg0.conf': btoa('old') } });
    const { writer, written } = writerWith(seen);
    expect(await changeSecret({ stores, writer, owner: laptop, wanted })).toBe('Changed');
    expect(written).toMatchObject([
      { verb: 'apply', object: { data: wanted.data, metadata: { resourceVersion: '7' } } },
    ]);
    stores.secrets.set({ ...seen, metadata: { ...seen.metadata, resourceVersion: '8' } });
    expect(await changeSecret({ stores, writer, owner: laptop, wanted })).toBe('Kept');
  });
});

function port(
  name: string,
  prefixes: readonly string[],
  labels: Readonly<Record<string, string>> = {},
): Port {
  return {
    apiVersion: 'heddle.dev/v1alpha1',
    kind: 'Port',
    metadata: { namespace: 'shop', name, uid: name, labels },
    spec: {
      pod: { name, uid: name },
      node: 'one',
      interface: 'net1',
      network: { namespace: 'shop', name: 'shop' },
      prefixes,
    },
  } as Port;
}

describe('a VPN beside others', () => {
  const older = { ...vpn({ pool: ['10.98.0.0/24'] }), metadata: { ...vpn().metadata, name: 'a', uid: 'a' } };

  test('has what older VPNs, their peers and other Ports do not have; what gateways have is their VPN’s', () => {
    const stores = createStores();
    stores.vpns.set(older);
    stores.vpns.set(vpn());
    stores.vpnPeers.set(peer('site', { vpn: 'a', allowedIPs: ['192.168.7.0/24'] }));
    stores.ports.set(port('router', ['10.97.0.0/24']));
    stores.ports.set(port('gateway', ['10.99.0.0/24'], { 'heddle.dev/gateway': 'true' }));
    const memories = createVpnMemories(stores);
    const claimsOf = (each: Vpn) =>
      observeBlueprint(stores, each, memories.of(each), NOW).claims.map(({ holder }) => holder);
    expect(claimsOf(vpn())).toEqual(['VPN a', 'peer site of VPN a', 'Port router']);
    expect(claimsOf(older)).toEqual(['Port router']);
  });

  test('is looked at when a peer of theirs changes what it asks for, and not when packets are counted', () => {
    const stores = createStores();
    stores.vpns.set(older);
    stores.vpns.set(vpn());
    const { ofPeer } = createVpnTriggers(stores);
    const site = peer('site', { vpn: 'a', allowedIPs: ['192.168.7.0/24'] });
    expect(new Set(ofPeer(undefined, site))).toEqual(new Set(['shop/a', 'shop/branch']));
    const counted: VpnPeer = { ...site, status: { rxBytes: 7, connected: true } };
    expect(ofPeer(site, counted)).toEqual([]);
    const addressed: VpnPeer = { ...site, status: { addresses: ['10.98.0.5'] } };
    expect(ofPeer(site, addressed)).not.toEqual([]);
  });
});

test('a chain that names a VPN means its pool and its sites, whoever may connect just now; none that is refused', () => {
  const stores = createStores();
  const condition = { type: 'Accepted', reason: 'Valid', message: '', lastTransitionTime: NOW.toISOString() };
  stores.vpns.set({ ...vpn(), status: { conditions: [{ ...condition, status: 'True' }] } });
  stores.vpnPeers.set(peer('office', { allowedIPs: ['192.168.7.0/24'], disabled: true }));
  stores.vpnPeers.set({
    ...peer('thief', { allowedIPs: ['10.20.0.0/24'] }),
    status: { conditions: [{ ...condition, status: 'False' }] },
  });
  const { from, problems } = observeEnds(stores, {
    apiVersion: 'heddle.dev/v1alpha1',
    kind: 'ServiceChain',
    metadata: { namespace: 'shop', name: 'remote' },
    spec: { network: 'shop', from: [{ vpn: 'branch' }], functions: [] },
  } as unknown as Parameters<typeof observeEnds>[1]);
  expect({ from, problems }).toEqual({
    from: [{ cidr: '10.99.0.0/24' }, { cidr: '192.168.7.0/24' }],
    problems: [],
  });
});

test('an operator that begins goes on with the gateway that was active', () => {
  const stores = createStores();
  const data = {
    'gateway.json': btoa(
      JSON.stringify({
        generation: 1,
        active: 'b-2',
        listenPort: 1,
        mtu: 1360,
        addresses: [],
        pool: [],
        routes: [],
        peers: [{ name: 'laptop', publicKey: key(1), allowedIPs: [], endpoint: '203.0.113.9:4' }],
      }),
    ),
  };
  stores.secrets.set({
    kind: 'Secret',
    metadata: { namespace: 'shop', name: 'heddle-vpn-branch-config' },
    data,
  });
  const memory = createVpnMemories(stores).of(vpn());
  expect(memory.active).toBe('b-2');
  expect([...memory.endpoints]).toEqual([['laptop', '203.0.113.9:4']]);
});

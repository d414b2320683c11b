// SPDX-License-Identifier: Apache-2.0
import { beforeAll, describe, expect, test } from 'vitest';
import { type KubeObject, list, readTarget } from '../../../tools/cluster/kubectl.ts';
import { useNamespace } from '../../../tools/cluster/namespace.ts';
import { report, usePhantomNode } from '../network/phantom-node.ts';
import { worldOf } from '../network/world.ts';
import { type Account, refusalOf, steal } from './account.ts';

const REPORTS = 'nodereports.internal.heddle.dev';
const other = usePhantomNode();
const namespace = useNamespace('agents');
const world = worldOf(namespace, other);
let agent: Account;
let node: string;

beforeAll(async () => {
  const { system } = readTarget();
  const selector = 'app.kubernetes.io/name=heddle,app.kubernetes.io/component=agent';
  const [found] = await list<KubeObject & { readonly spec: { readonly nodeName: string } }>('pods', {
    namespace: system,
    selector,
  });
  node = found!.spec.nodeName;
  agent = await steal('heddle-agent', found!.metadata.name);
  await report(other, {});
});

function status(value: object): readonly string[] {
  return ['--subresource=status', '--type=merge', '-p', JSON.stringify({ status: value })];
}

describe('the token of an agent (security.md: agent-token-writes-foreign-reports)', () => {
  test('writes the report of its own node, and of no other', async () => {
    const within = { namespace: readTarget().system };
    const own = await agent.try(['patch', REPORTS, node, ...status({})], within);
    expect(refusalOf(own)).toBe('not refused');
    const refusal = `the agent of node ${node} may not write the NodeReport of ${other}`;
    const foreign = await agent.try(['patch', REPORTS, other, ...status({ down: [1] })], within);
    expect(refusalOf(foreign)).toContain(refusal);
    const labelled = ['patch', REPORTS, other, '--type=merge', '-p', '{"metadata":{"labels":{"a":"b"}}}'];
    expect(refusalOf(await agent.try(labelled, within))).toContain(refusal);
    const made = {
      apiVersion: 'internal.heddle.dev/v1alpha1',
      kind: 'NodeReport',
      metadata: { name: 'nowhere' },
    };
    expect(refusalOf(await agent.create(made, within))).toContain('may not write the NodeReport of nowhere');
  });

  test('writes the status of no Port of another node', async () => {
    await world.network('shop', { subnets: [{ cidr: '10.20.0.0/24' }] });
    await world.pod('client', 'shop');
    const [port] = await world.acceptedPorts('client');
    const detached = status({ conditions: [] });
    const reply = await agent.try(['patch', 'ports.heddle.dev', port!.metadata.name, ...detached], {
      namespace,
    });
    expect(refusalOf(reply)).toContain(`the agent of node ${node} may not write a Port of node ${other}`);
  });

  test('does not accept claims, not even on its own node', async () => {
    await worldOf(namespace, node).pod('resident', 'shop');
    const [port] = await world.acceptedPorts('resident');
    const none = ['patch', 'ports.heddle.dev', port!.metadata.name, ...status({ conditions: [] })];
    expect(refusalOf(await agent.try(none, { namespace }))).toContain('may not write the condition Accepted');
  });

  test('cannot write anything when it is not bound to a pod', async () => {
    const unbound = await steal('heddle-agent');
    const reply = await unbound.try(['patch', REPORTS, node, ...status({})], {
      namespace: readTarget().system,
    });
    expect(refusalOf(reply)).toContain('is not bound to a pod on a node');
  });
});

// SPDX-License-Identifier: Apache-2.0
import { kubectl } from '../cluster/kubectl.ts';
import { eventually } from '../cluster/wait.ts';
import { type Connection, connectAll } from '../cluster/workloads.ts';
import { packetsOfRule, vxlanPackets } from './counters.ts';
import { applyManifest, namespace, type Storefront, waitForChain } from './example.ts';
import type { Proof } from './table.ts';

const allowedPort = 80;
const forbiddenPort = 8443;
/** The number of connections to the allowed port, which the counters must show. */
const requests = 5;

/** Sends traffic from the client's pod and returns what it proved. Afterwards the chain is as before. */
export async function prove(storefront: Storefront): Promise<readonly Proof[]> {
  const [ruleBefore, vxlanBefore] = await Promise.all([packetsOfRule('web'), vxlanPackets()]);
  const replies = await ask(storefront, [
    ...Array.from({ length: requests }, () => allowedPort),
    forbiddenPort,
  ]);
  const ports = [proveAllowed(replies.slice(0, requests)), proveForbidden(replies.slice(requests))];
  const crossing = await proveCrossing(storefront, vxlanBefore);
  const counters = await proveCounters(ruleBefore);
  return [...ports, counters, crossing, ...(await proveChainMatters(storefront))];
}

function ask({ client, address }: Storefront, ports: readonly number[]): Promise<readonly Connection[]> {
  const endpoints = ports.map((port) => ({ address, port }));
  return connectAll({ pod: client.metadata.name, namespace }, endpoints);
}

function proveAllowed(replies: readonly Connection[]): Proof {
  const answered = replies.filter((reply) => reply.outcome === 'answered');
  return {
    claim: `the allowed port ${allowedPort} answers`,
    proved: answered.length === requests,
    evidence: `${answered.length} of ${requests} requests: ${answered[0]?.body.trim() ?? 'no answer'}`,
  };
}

function proveForbidden(replies: readonly Connection[]): Proof {
  return {
    claim: `the forbidden port ${forbiddenPort} does not`,
    proved: replies.length === 1 && replies[0]?.outcome === 'silent',
    evidence: replies.map(describeReply).join(', '),
  };
}

/** Waits for the status, which follows the kernel's counters by a few seconds. */
async function proveCounters(before: number): Promise<Proof> {
  // A stateful rule may count only the first packet of a flow.
  const enough = async (): Promise<number | undefined> => {
    const moved = (await packetsOfRule('web')) - before;
    return moved >= requests ? moved : undefined;
  };
  const moved = await eventually('the counter of rule "web" moved', enough, { timeoutMs: 30_000 }).catch(
    () => 0,
  );
  return {
    claim: "the firewall's counters moved",
    proved: moved > 0,
    evidence: moved > 0 ? `rule "web" matched ${moved} packets more` : 'rule "web" counted too little',
  };
}

async function proveCrossing(storefront: Storefront, before: ReadonlyMap<string, number>): Promise<Proof> {
  const after = await vxlanPackets();
  const { client, web, firewalls } = storefront;
  const firewallNodes = firewalls.map((pod) => pod.spec.nodeName);
  const nodes = new Set([client.spec.nodeName, ...firewallNodes, web.spec.nodeName]);
  const moved = (node: string): number => (after.get(node) ?? 0) - (before.get(node) ?? 0);
  // Of each request, every node on the way sends at least two packets: SYN and question, or SYN-ACK and answer.
  const crossed = [...nodes].every((node) => moved(node) >= requests * 2);
  const way = [client.spec.nodeName, firewallNodes.join('|'), web.spec.nodeName].join(' > ');
  return {
    claim: 'the packets crossed nodes',
    proved: nodes.size > 1 && crossed,
    evidence: `${way}; packets sent by VXLAN: ${[...nodes].map((node) => `${moved(node)}`).join(', ')}`,
  };
}

/** Removes the chain and applies it again: nothing else keeps the client from the forbidden port. */
async function proveChainMatters(storefront: Storefront): Promise<readonly Proof[]> {
  const open = await withoutChain(() =>
    eventually(
      'the forbidden port answers',
      async () => (await ask(storefront, [forbiddenPort]))[0]?.outcome === 'answered',
      { timeoutMs: 20_000 },
    ).catch(() => false),
  );
  const [forbidden, allowed] = await ask(storefront, [forbiddenPort, allowedPort]);
  return [
    {
      claim: `without the chain port ${forbiddenPort} answers`,
      proved: open,
      evidence: `the chain was deleted, and the port ${open ? 'answered' : 'did not answer'}`,
    },
    {
      claim: 'with the chain back it does not',
      proved: forbidden?.outcome === 'silent' && allowed?.outcome === 'answered',
      evidence: `${forbiddenPort}: ${describeReply(forbidden)}; ${allowedPort}: ${describeReply(allowed)}`,
    },
  ];
}

async function withoutChain<T>(work: () => Promise<T>): Promise<T> {
  await kubectl(['delete', 'servicechain', 'storefront'], { namespace });
  try {
    return await work();
  } finally {
    await applyManifest();
    await waitForChain();
  }
}

function describeReply(reply: Connection | undefined): string {
  switch (reply?.outcome) {
    case 'answered':
      return `answered "${reply.body.trim()}"`;
    case 'refused':
      return `refused (${reply.body})`;
    case undefined:
    case 'silent':
      return 'no answer in 2 s';
  }
}

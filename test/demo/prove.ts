import { kubectl } from '../cluster/support/kubectl.ts';
import { eventually } from '../cluster/support/wait.ts';
import { connect, type Outcome } from '../cluster/support/workloads.ts';
import { packetsOfRule, vxlanPackets } from './counters.ts';
import { applyManifest, namespace, type Storefront, waitForChain } from './example.ts';
import type { Proof } from './table.ts';

const allowedPort = 80;
const forbiddenPort = 8443;
/** Connections to the allowed port, so that counters have something to count. */
const requests = 5;

/** Runs traffic from the client's pod and says what it showed. The chain is as it was afterwards. */
export async function prove(storefront: Storefront): Promise<readonly Proof[]> {
  const ruleBefore = await packetsOfRule('web');
  const vxlanBefore = await vxlanPackets();
  const ports = [await proveAllowed(storefront), await proveForbidden(storefront)];
  const counters = [await proveCounters(ruleBefore), await proveCrossing(storefront, vxlanBefore)];
  return [...ports, ...counters, ...(await proveChainMatters(storefront))];
}

function ask(storefront: Storefront, port: number): Promise<{ outcome: Outcome; body: string }> {
  return connect({ pod: storefront.client.metadata.name, namespace, address: storefront.address, port });
}

async function proveAllowed(storefront: Storefront): Promise<Proof> {
  const replies = [];
  for (let count = 0; count < requests; count += 1) replies.push(await ask(storefront, allowedPort));
  const answered = replies.filter((reply) => reply.outcome === 'answered');
  const body = answered[0]?.body.trim() ?? replies[0]?.body ?? '';
  return {
    claim: `the allowed port ${allowedPort} answers`,
    proved: answered.length === requests,
    evidence: `${answered.length} of ${requests} requests: ${body || 'no answer'}`,
  };
}

async function proveForbidden(storefront: Storefront): Promise<Proof> {
  const reply = await ask(storefront, forbiddenPort);
  return {
    claim: `the forbidden port ${forbiddenPort} does not`,
    proved: reply.outcome === 'silent',
    evidence: describeReply(reply),
  };
}

/** The status follows the kernel's counters by a few seconds. */
async function proveCounters(before: number): Promise<Proof> {
  // Behind a stateful rule later packets of a flow may not be counted, but its first one always is.
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
  // Each request is a handshake, a question and an answer; half a dozen packets at the very least.
  const crossed = [...nodes].every((node) => moved(node) >= requests * 6);
  const way = [client.spec.nodeName, firewallNodes.join('|'), web.spec.nodeName].join(' > ');
  return {
    claim: 'the packets crossed nodes',
    proved: nodes.size > 1 && crossed,
    evidence: `${way}; VXLAN packets: ${[...nodes].map((node) => `${moved(node)}`).join(', ')}`,
  };
}

/** Takes the chain away and puts it back: only it stands between the client and the forbidden port. */
async function proveChainMatters(storefront: Storefront): Promise<readonly Proof[]> {
  const open = await withoutChain(() =>
    eventually(
      'the forbidden port answers',
      async () => (await ask(storefront, forbiddenPort)).outcome === 'answered',
      { timeoutMs: 20_000 },
    ).catch(() => false),
  );
  const forbidden = await ask(storefront, forbiddenPort);
  const allowed = await ask(storefront, allowedPort);
  return [
    {
      claim: `without the chain port ${forbiddenPort} answers`,
      proved: open,
      evidence: `the chain was deleted, and the port ${open ? 'answered' : 'did not answer'}`,
    },
    {
      claim: 'with the chain back it does not',
      proved: forbidden.outcome === 'silent' && allowed.outcome === 'answered',
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

function describeReply({ outcome, body }: { outcome: Outcome; body: string }): string {
  switch (outcome) {
    case 'answered':
      return `answered "${body.trim()}"`;
    case 'refused':
      return `refused (${body})`;
    case 'silent':
      return 'no answer in 2 s';
  }
}

// SPDX-License-Identifier: Apache-2.0
import { applyExample, countServers, rolledOut } from '../../test/cluster/loadbalancer/world.ts';
import { type Client, makeOutside } from '../../test/cluster/vpn/outside.ts';
import { fileOf, type Peer } from '../../test/cluster/vpn/world.ts';
import { waitForCondition } from '../cluster/conditions.ts';
import { get, list, tryKubectl } from '../cluster/kubectl.ts';
import { eventually } from '../cluster/wait.ts';
import type { Proof } from './table.ts';

export const fullChain = { namespace: 'full-chain', address: '10.20.0.100', laptop: '10.99.0.10' } as const;
const requests = 30;

/** Applies the example from `examples/`, and waits until all of its objects are ready. */
export async function applyFullChain(namespace: string = fullChain.namespace): Promise<void> {
  const created = await tryKubectl(['create', 'namespace', namespace]);
  if (created.code !== 0 && !created.stderr.includes('AlreadyExists')) throw new Error(created.stderr);
  await applyExample(namespace, 'full-chain/full-chain.yaml');
  await rolledOut(namespace, 'web');
  for (const [kind, name] of [
    ['vpn', 'branch'],
    ['vpnpeer', 'laptop'],
    ['firewall', 'edge'],
    ['loadbalancer', 'web'],
    ['servicechain', 'remote'],
  ] as const) {
    await waitForCondition({ kind, name, namespace }, 'Ready', { timeoutMs: 150_000 });
  }
}

/**
 * Connects a machine outside the cluster by standard WireGuard and the file from its Secret, and proves the chain with
 * traffic.
 */
export async function proveFullChain(namespace: string = fullChain.namespace): Promise<readonly Proof[]> {
  const outside = makeOutside();
  try {
    const laptop = await outside.addClient();
    await laptop.up(await fileOf('laptop', namespace));
    return await prove(laptop, namespace);
  } finally {
    await outside.close();
  }
}

async function prove(laptop: Client, namespace: string): Promise<readonly Proof[]> {
  const url = `http://${fullChain.address}`;
  // The first packet causes the handshake.
  await eventually('the load balancer answers the laptop', async () => / saw /.test(await laptop.get(url)), {
    timeoutMs: 30_000,
  }).catch(() => undefined);
  const before = await ruleCounter(namespace);
  const answers: string[] = [];
  for (let asked = 0; asked < requests; asked += 1) answers.push(await laptop.get(url));
  const servers = countServers(answers.filter((answer) => answer.includes(' saw ')));
  const pods = await list('pods', { namespace, selector: 'app=web' });
  const seen = new Set(answers.map((answer) => answer.split(' ')[2]));
  const refused = await laptop.get(`${url}:8080/`);
  const moved = await eventually(
    'the rule counts',
    async () => {
      const more = (await ruleCounter(namespace)) - before;
      return more >= requests ? more : undefined;
    },
    { timeoutMs: 30_000 },
  ).catch(() => 0);
  const peer = await eventually('the handshake is told', async () => {
    const { status } = await get<Peer>('vpnpeer', 'laptop', namespace);
    return status?.connected ? status : undefined;
  }).catch(() => undefined);
  return [
    {
      claim: 'a laptop with stock WireGuard reaches the web servers',
      proved: answers.every((answer) => answer.includes(' saw ')),
      evidence: `${answers.filter((answer) => answer.includes(' saw ')).length} of ${requests}: ${answers[0] ?? ''}`,
    },
    {
      claim: 'they share its requests',
      proved: servers.size === pods.length,
      evidence: [...servers].map(([name, count]) => `${name.split('-').at(-1)} ${count}`).join(', '),
    },
    {
      claim: "they see the laptop's own address",
      proved: seen.size === 1 && seen.has(fullChain.laptop),
      evidence: [...seen].join(', '),
    },
    {
      claim: 'the firewall refuses the other port',
      proved: refused === 'refused',
      evidence: `8080: ${refused}`,
    },
    {
      claim: "the firewall's counters moved",
      proved: moved > 0,
      evidence: `rule "web" matched ${moved} packets more`,
    },
    {
      claim: 'the status tells of the laptop',
      proved: peer?.lastHandshake !== undefined,
      evidence: `endpoint ${peer?.endpoint ?? 'unknown'}, handshake ${peer?.lastHandshake ?? 'none'}`,
    },
  ];
}

interface Counted {
  readonly metadata: { readonly name: string };
  readonly status?: { readonly rules?: readonly { readonly name: string; readonly packets: number }[] };
}

async function ruleCounter(namespace: string): Promise<number> {
  const { status } = await get<Counted>('firewall', 'edge', namespace);
  return status?.rules?.find(({ name }) => name === 'web')?.packets ?? 0;
}

/** Commands for a user who wants to see more. */
export function fullChainDirections(namespace: string = fullChain.namespace): readonly string[] {
  return [
    `kubectl -n ${namespace} get heddle`,
    `kubectl -n ${namespace} describe chain remote`,
    `kubectl heddle -n ${namespace} vpn peers`,
  ];
}

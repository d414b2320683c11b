// SPDX-License-Identifier: Apache-2.0
import { beforeAll, describe, expect, test } from 'vitest';
import { parseAddress } from '../../../api/net/address.ts';
import { formatPrefix, prefixOf } from '../../../api/net/prefix.ts';
import type { Summary } from '../../../cli/status/summarize.ts';
import type { Way } from '../../../cli/trace/walk.ts';
import { waitForCondition } from '../../../tools/cluster/conditions.ts';
import { apply, exec, get } from '../../../tools/cluster/kubectl.ts';
import { useNamespace } from '../../../tools/cluster/namespace.ts';
import { eventually } from '../../../tools/cluster/wait.ts';
import { addressesOf, connect, serverScript, testPod, waitForPod } from '../../../tools/cluster/workloads.ts';
import { heddleJson } from '../cli/heddle.ts';
import { agentNodes } from '../datapath/world.ts';
import { worldOf } from './world.ts';

// Networks whose ranges are those of the cluster's pods, or of each other. Who answers a pod says by which address it
// came; the trace must name the same one.

const namespace = useNamespace('hidden');
const bystanders = useNamespace('bystanders');
const PORT = 8080;
const script = serverScript([PORT]);
let node: string;
let world: ReturnType<typeof worldOf>;

beforeAll(async () => {
  [node] = (await agentNodes()) as [string];
  world = worldOf(namespace, node);
});

const server = (name: string, networks?: object) =>
  testPod({ name, node, script, ...(networks ? { networks: JSON.stringify(networks) } : {}) });

/** The pod with a readiness probe, which the kubelet sends to the pod's own address. */
function probed(pod: object): object {
  const { spec, ...rest } = pod as { readonly spec: { readonly containers: readonly object[] } };
  const readinessProbe = { httpGet: { path: '/', port: PORT }, periodSeconds: 1 };
  return {
    ...rest,
    spec: { ...spec, containers: spec.containers.map((each) => ({ ...each, readinessProbe })) },
  };
}

const trace = (from: string, to: string, network: string) =>
  heddleJson<Way>([
    ...['trace', '-n', namespace, '--from', `pod/${from}`, '--to', to],
    ...['--port', String(PORT), '--network', network],
  ]);

const networkAddress = async (pod: string, network: string): Promise<string> =>
  (await addressesOf(pod, namespace, `${namespace}/${network}`))[0]!;

describe('a network over the range of the cluster’s pods', () => {
  let taken: string;
  let range: string;
  /** An address of the range that no node gives to its pods. */
  let spare: string;

  beforeAll(async () => {
    await apply([server('bystander')], bystanders);
    await waitForPod('bystander', bystanders);
    const { status } = await get<{ status: { podIP: string } }>('pod', 'bystander', bystanders);
    taken = status.podIP;
    range = formatPrefix(prefixOf(parseAddress(taken), 16));
    spare = range.replace(/\d+\.\d+\/16$/, '250.9');
  });

  test('is the network in its pods: they reach its pod, not another’s with that address, and are Ready', async () => {
    await world.network('over', { subnets: [{ cidr: range }], routes: { clusterRanges: 'Allow' } });
    await apply(
      [
        server('owner', [{ name: 'over', ips: [taken] }]),
        probed(server('client', [{ name: 'over', ips: [spare] }])),
      ],
      namespace,
    );
    await Promise.all([waitForPod('owner', namespace), waitForPod('client', namespace)]);
    const { outcome, body } = await connect({ pod: 'client', namespace, address: taken, port: PORT });
    expect({ outcome, body }).toMatchObject({ outcome: 'answered' });
    expect(body).toContain(spare);
    const { end } = await trace('client', taken, 'over');
    expect(end).toMatchObject({ kind: 'Delivered', pod: `${namespace}/owner` });
  });

  test('says what it hides, in its condition and in the status', async () => {
    const network = { kind: 'virtualnetwork', name: 'over', namespace };
    const told = await waitForCondition(network, 'Routed', {
      status: 'True',
      reason: 'ClusterRangesAllowed',
    });
    expect(JSON.stringify(told.status?.conditions)).toContain(`${range} overlaps the cluster: its pods (`);
    const { findings } = await heddleJson<Summary>(['status', '-n', namespace]);
    expect(findings).toContainEqual(
      expect.objectContaining({
        severity: 'Notice',
        object: `VirtualNetwork ${namespace}/over`,
        message: expect.stringContaining('overlaps the cluster: its pods ('),
      }),
    );
  });

  test('gives no address while it may not hide the cluster: its pods do not start, and are told why', async () => {
    await world.network('under', { subnets: [{ cidr: range }] });
    await world.pod('refused', 'under');
    expect(await world.remark('refused', 'SubnetNotRouted')).toContain(
      `${range} is not routed into this pod`,
    );
    const network = { kind: 'virtualnetwork', name: 'under', namespace };
    await waitForCondition(network, 'Routed', { status: 'False', reason: 'OverlapsCluster' });
    expect(await world.ports('refused')).toEqual([]);
  });
});

describe('a pod on two networks with equal ranges', () => {
  const COMMON = '10.50.0.9';
  const subnets = [{ cidr: '10.50.0.0/24' }];

  /** The address by which the server saw the pod, which is bound to `from`, or to none. */
  const seenFrom = async (from?: string): Promise<string> => {
    const options = JSON.stringify({ host: COMMON, port: PORT, timeout: 5000, localAddress: from });
    const program = `require('node:http').get(${options}, (reply) => reply.pipe(process.stdout)).on('timeout', () => process.exit(1))`;
    const { stdout, stderr, code } = await exec('twin', ['node', '-e', program], { namespace });
    if (code !== 0) throw new Error(`no answer to ${from ?? 'a socket without address'}: ${stderr}`);
    return /saw (?:::ffff:)?(\S+)/.exec(stdout)?.[1] ?? stdout;
  };

  test('uses the network of the address that its socket is bound to, otherwise the first network; editing a network does not change this', async () => {
    await Promise.all(['left', 'right'].map((name) => world.network(name, { subnets })));
    await apply(
      [
        server('of-left', [{ name: 'left', ips: [COMMON] }]),
        server('of-right', [{ name: 'right', ips: [COMMON] }]),
        server('twin', [{ name: 'left' }, { name: 'right' }]),
      ],
      namespace,
    );
    await Promise.all(['of-left', 'of-right', 'twin'].map((name) => waitForPod(name, namespace)));
    const [left, right] = await Promise.all([
      networkAddress('twin', 'left'),
      networkAddress('twin', 'right'),
    ]);
    expect(left).not.toBe(right);
    const compare = async () => {
      expect([await seenFrom(left), await seenFrom(right), await seenFrom()]).toEqual([left, right, left]);
      const ways = [await trace('twin', COMMON, 'left'), await trace('twin', COMMON, 'right')];
      expect(ways.map(({ end }) => end)).toMatchObject([
        { kind: 'Delivered', pod: `${namespace}/of-left` },
        { kind: 'Delivered', pod: `${namespace}/of-right` },
      ]);
      expect(ways.map(({ legs }) => legs[0]?.step.note)).toEqual([
        undefined,
        expect.stringContaining(`only from a socket that is bound to ${right} or net2`),
      ]);
    };
    await compare();
    for (const [network, cidr] of [
      ['left', '10.51.0.0/24'],
      ['right', '10.52.0.0/24'],
    ] as const) {
      await world.network(network, { subnets: [{ cidr }, ...subnets] });
      await eventually(`the pod routes ${cidr}`, async () => {
        const shown = await exec('twin', ['ip', 'route', 'show', 'table', '7200'], { namespace });
        return shown.stdout.includes(cidr);
      });
      await compare();
    }
  });
});

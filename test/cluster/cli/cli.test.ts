// SPDX-License-Identifier: Apache-2.0
import { mkdtemp, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { functionPort } from '../../../api/names.ts';
import type { InstanceReport } from '../../../api/report.ts';
import type { DropRates } from '../../../cli/drops/rates.ts';
import type { Summary } from '../../../cli/status/summarize.ts';
import type { Way } from '../../../cli/trace/walk.ts';
import { waitForCondition } from '../../../tools/cluster/conditions.ts';
import { apply, exec, kubectl, list, readTarget, tryKubectl } from '../../../tools/cluster/kubectl.ts';
import { useNamespace } from '../../../tools/cluster/namespace.ts';
import { eventually } from '../../../tools/cluster/wait.ts';
import { addressesOf, serverScript, testPod, waitForPod } from '../../../tools/cluster/workloads.ts';
import {
  agentNodes,
  applyChain,
  applyFirewall,
  applyNetwork,
  chainIsReady,
  firewallIsReady,
} from '../datapath/world.ts';
import { heddle, heddleJson, watchDrops } from './heddle.ts';
import { bindRole, makePerson } from './person.ts';

const FIREWALL = 'heddle.dev/function=firewall.edge';

describe('kubectl heddle', () => {
  const namespace = useNamespace('cli');
  let serverAddress: string;

  beforeAll(async () => {
    const [one, two] = await agentNodes();
    await applyNetwork(namespace, 'shop', { subnets: [{ cidr: '10.20.0.0/16' }, { cidr: 'fd20::/64' }] });
    await applyFirewall(namespace, 'edge', {
      replicas: 2,
      rules: [{ name: 'web', action: 'Accept', protocol: 'TCP', destinationPorts: [80] }],
    });
    await applyChain(namespace, 'storefront', {
      network: 'shop',
      from: [{ podSelector: { matchLabels: { role: 'client' } } }],
      to: [{ podSelector: { matchLabels: { role: 'server' } } }],
      functions: [{ kind: 'Firewall', name: 'edge' }],
    });
    const server = {
      name: 'server',
      node: two ?? one!,
      labels: { role: 'server' },
      script: serverScript([80, 81]),
    };
    await apply(
      [
        testPod({ name: 'client', node: one!, networks: 'shop', labels: { role: 'client' } }),
        testPod({ ...server, networks: 'shop' }),
      ],
      namespace,
    );
    await waitForPod('client', namespace);
    await waitForPod('server', namespace);
    [serverAddress] = (await addressesOf('server', namespace, `${namespace}/shop`)) as [string];
    await firewallIsReady(namespace, 'edge');
    await chainIsReady(namespace, 'storefront');
  }, 240_000);

  const trace = (...more: string[]) =>
    heddleJson<Way>(['trace', '-n', namespace, '--from', 'pod/client', '--to', 'pod/server', ...more]);

  /** The pods of functions that a way goes into. */
  const podsOf = ({ legs }: Way): readonly string[] =>
    legs.flatMap(({ step }) =>
      step.next.kind === 'Instance' && step.next.toNode === step.node ? [step.next.pod!.split('/')[1]!] : [],
    );

  /** What each pod of the firewall has counted for the rule `web`. */
  const counted = async (): Promise<ReadonlyMap<string, number>> => {
    const pods = await list('pods', { namespace, selector: FIREWALL });
    const counts = pods.map(async ({ metadata: { name } }) => {
      const script = `fetch('http://127.0.0.1:${functionPort}/report').then(async (reply) => console.log(await reply.text()))`;
      const { stdout } = await exec(name, ['node', '-e', script], { namespace });
      const report = JSON.parse(stdout) as InstanceReport;
      return [name, report.rules.find((rule) => rule.name === 'web')?.packets ?? 0] as const;
    });
    return new Map(await Promise.all(counts));
  };

  const connectFrom = async (localPort: number, port: number): Promise<string> => {
    const script = `const net = require('node:net');
const socket = net.connect({ host: '${serverAddress}', port: ${port}, localPort: ${localPort} });
socket.on('connect', () => { console.log('connected'); socket.destroy(); });
socket.on('error', (error) => console.log(error.code));
setTimeout(() => { console.log('silent'); process.exit(0); }, 1500);
socket.on('close', () => process.exit(0));`;
    return (await exec('client', ['node', '-e', script], { namespace })).stdout.trim();
  };

  describe('trace', () => {
    test('names the chain, the instance and the rule, and the packets go that very way', async () => {
      const ports = Array.from({ length: 12 }, (_, i) => 41_000 + i);
      const predicted = new Map<string, number>();
      for (const port of ports) {
        const way = await trace('--port', '80', '--source-port', String(port));
        expect(way.code).toBe(0);
        expect(way.end).toMatchObject({ kind: 'Delivered', pod: `${namespace}/server` });
        expect(way.legs[0]!.step.classification).toMatchObject({
          kind: 'Chain',
          chain: `${namespace}/storefront`,
        });
        const judged = way.legs.flatMap(({ judgement }) => judgement ?? []);
        expect(judged).toMatchObject([{ verdict: { action: 'Accept', by: { kind: 'Rule', name: 'web' } } }]);
        const [pod] = podsOf(way);
        predicted.set(pod!, (predicted.get(pod!) ?? 0) + 1);
      }
      const before = await counted();
      for (const port of ports) expect(await connectFrom(port, 80)).toBe('connected');
      await eventually('the instances counted each connection where the trace said', async () => {
        const after = await counted();
        const grown = [...after].map(([pod, packets]) => [pod, packets - (before.get(pod) ?? 0)] as const);
        expect(new Map(grown.filter(([, packets]) => packets > 0))).toEqual(predicted);
        return true;
      });
      // Both instances took part, else there was nothing to predict; 12 ports on one of them: 1 of 2048.
      expect(predicted.size).toBe(2);
    });

    test('the answer goes back through the same instance', async () => {
      const way = await trace('--port', '80', '--source-port', '41003');
      const back = await trace('--port', '80', '--source-port', '41003', '--reply');
      expect(back.code).toBe(0);
      expect(back.end).toMatchObject({ kind: 'Delivered', pod: `${namespace}/client` });
      expect(podsOf(back)).toEqual(podsOf(way));
      const judged = back.legs.flatMap(({ judgement }) => judgement ?? []);
      expect(judged).toMatchObject([{ verdict: { action: 'Accept', established: true } }]);
    });

    test('names the rule that drops the packet, or says that no rule matches it, as packets confirm', async () => {
      const way = await trace('--port', '81', '--source-port', '42000');
      expect(way.code).toBe(1);
      expect(way.end).toMatchObject({ kind: 'Refused', action: 'Drop' });
      expect(await connectFrom(42_000, 81)).toBe('silent');
      const said = await heddle([
        'trace',
        '-n',
        namespace,
        '--from',
        'client',
        '--to',
        serverAddress,
        '--port',
        '81',
      ]);
      expect(said.stdout).toContain('no rule takes it: the default action drops it');
      expect(said.code).toBe(1);
    });

    test('works over IPv6, and for a destination address that no Port has', async () => {
      const way = await trace('--port', '80', '--family', '6');
      expect(way.end.kind).toBe('Delivered');
      expect(way.packet.destination).toContain(':');
      const lost = await heddle(['trace', '-n', namespace, '--from', 'client', '--to', '10.20.255.1']);
      expect(lost.code).toBe(1);
      expect(lost.stdout).toContain('unknown_destination');
    });

    test('of a pod that does not exist says what may be wrong, with exit code 2', async () => {
      const said = await heddle([
        'trace',
        '-n',
        namespace,
        '--from',
        'nobody',
        '--to',
        'server',
        '--port',
        '80',
      ]);
      expect(said).toMatchObject({ code: 2, stdout: '' });
      expect(said.stderr).toContain(`pod ${namespace}/nobody is on no virtual network`);
    });
  });

  describe('drops', () => {
    test('counts packets that are dropped while the command runs, by node and reason', async () => {
      const pinging = exec('client', ['ping', '-c', '8', '-i', '0.5', '-W', '1', '10.20.255.1'], {
        namespace,
      });
      const rates = await heddleJson<DropRates>(['drops', '--interval', '2']);
      await pinging;
      expect(rates.code).toBe(0);
      expect(rates.silent).toEqual([]);
      const grown = rates.nodes.filter(({ reason, perSecond }) => reason === 'no_neighbour' && perSecond > 0);
      expect(grown.map(({ node }) => node)).toEqual([(await agentNodes())[0]]);
    });

    test('explains each reason, and refuses a node that does not exist', async () => {
      const said = await heddle(['drops']);
      expect(said).toMatchObject({ code: 0 });
      expect(said.stdout).toContain('ARP or neighbour discovery for an address that nobody has');
      const wrong = await heddle(['drops', '--node', 'nowhere']);
      expect(wrong.code).toBe(2);
      expect(wrong.stderr).toContain('--node: no agent runs on "nowhere"');
    });

    test('are printed repeatedly with --watch, with JSON output as one line each time, until the command is interrupted', async () => {
      const watching = watchDrops();
      await eventually('three lines', () => watching.lines().length >= 3);
      expect(await watching.interrupt()).toBe(0);
      for (const line of watching.lines()) expect(JSON.parse(line)).toMatchObject({ silent: [] });
    });

    test('are listed at the hop at which they happen', async () => {
      await kubectl(['scale', 'firewall', 'edge', '--replicas=0'], { namespace });
      await eventually('the hop is down', async () => (await trace('--port', '80')).end.kind === 'Dropped');
      await connectFrom(43_000, 80);
      const rates = await heddleJson<DropRates>(['drops']);
      expect(rates.hops).toContainEqual(
        expect.objectContaining({
          chain: `${namespace}/storefront`,
          hop: '1 Firewall/edge',
          reason: 'hop_down',
        }),
      );
    });
  });

  describe('status', () => {
    const findings = async () => {
      const { findings: all, ...rest } = await heddleJson<Summary>(['status', '-n', namespace]);
      return { ...rest, own: all.filter(({ object }) => object.includes(`${namespace}/`)) };
    };

    test('names a problem and what to do, with exit code 1, and reports no problem after it is solved', async () => {
      await kubectl(['scale', 'firewall', 'edge', '--replicas=0'], { namespace });
      await waitForCondition({ kind: 'servicechain', name: 'storefront', namespace }, 'Ready', {
        status: 'False',
      });
      const failed = await findings();
      expect(failed.code).toBe(1);
      expect(failed.well).toBe(false);
      expect(failed.own).toContainEqual(
        expect.objectContaining({ severity: 'Problem', object: `ServiceChain ${namespace}/storefront` }),
      );
      expect((await heddle(['status', '-n', namespace])).stdout).toMatch(/problems?\.$/m);
      await kubectl(['scale', 'firewall', 'edge', '--replicas=2'], { namespace });
      await firewallIsReady(namespace, 'edge');
      await chainIsReady(namespace, 'storefront');
      await eventually(
        'nothing of this namespace is said to be unwell',
        async () => (await findings()).own.length === 0,
      );
    });

    test('shows operator, agents and counts of objects', async () => {
      const said = await heddle(['status', '-n', namespace]);
      expect(said.stdout).toMatch(
        /operator \d\/\d ready \(leader .*\), agents \d\/\d ready, 1 network, 1 chain, 1 firewall, 4 Ports/,
      );
    });
  });

  describe('for a person without rights', () => {
    const home = { name: 'person', home: namespace };
    const bindings: string[] = [];
    let kubeconfig: string;

    beforeAll(async () => {
      kubeconfig = await makePerson('person', namespace);
    });
    afterAll(async () => {
      const { system } = readTarget();
      for (const name of bindings) await tryKubectl(['delete', 'rolebinding', name], { namespace: system });
    });

    test('names the verb and the resource that are missing, with exit code 2', async () => {
      const said = await heddle(['status'], kubeconfig);
      expect(said).toMatchObject({ code: 2, stdout: '' });
      expect(said.stderr).toContain('you may not list virtualnetworks.heddle.dev in all namespaces');
      expect(said.stderr).toContain('-n NAMESPACE');
    });

    test('who may view a namespace sees its status, and what was not looked at', async () => {
      await bindRole('view', home, namespace);
      const said = await eventually('the right has come', async () => {
        const answer = await heddle(['status', '-n', namespace], kubeconfig);
        return answer.code !== 2 && answer;
      });
      expect(said.stdout).toContain('not looked at: you may not');
      expect(said.stdout).toContain('nodereports.internal.heddle.dev');
      const traced = await heddle(
        ['trace', '--from', 'client', '--to', 'server', '--port', '80'],
        kubeconfig,
      );
      expect(traced.code).toBe(2);
      expect(traced.stderr).toContain(`you may not list pods in namespace ${readTarget().system}`);
    });

    test('who got the roles heddle-trace and heddle-verdict can trace', async () => {
      const { system } = readTarget();
      bindings.push(await bindRole('heddle-trace', home, system));
      await bindRole('heddle-verdict', home, namespace);
      const traced = await eventually('the right has come', async () => {
        const answer = await heddle(
          ['trace', '--from', 'client', '--to', 'server', '--port', '80'],
          kubeconfig,
        );
        return answer.code === 0 && !answer.stdout.includes('you may not') && answer;
      });
      expect(traced.stdout).toContain('rule "web" accepts it');
    });
  });

  test('is a plugin of kubectl', async () => {
    const { kubectl: program, kubeconfig } = readTarget();
    const folder = await mkdtemp(join(tmpdir(), 'heddle-plugin-'));
    await symlink(
      join(import.meta.dirname, '../../../dist/kubectl-heddle.mjs'),
      join(folder, 'kubectl-heddle'),
    );
    const env = { PATH: `${folder}${delimiter}${process.env.PATH}`, KUBECONFIG: kubeconfig };
    const { stdout, exitCode } = await execa(program, ['heddle', 'drops'], { env, reject: false });
    expect(exitCode).toBe(0);
    expect(stdout).toContain('PER SECOND');
  });
});

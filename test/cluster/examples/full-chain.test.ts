// SPDX-License-Identifier: Apache-2.0
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { apply, exec, list } from '../../../tools/cluster/kubectl.ts';
import { useNamespace } from '../../../tools/cluster/namespace.ts';
import { eventually } from '../../../tools/cluster/wait.ts';
import { applyFullChain, proveFullChain } from '../../../tools/demo/full-chain.ts';
import { fill, readAlerts, readPanels } from '../../kernel/metrics/expressions.ts';
import { needsOutside } from '../vpn/outside.ts';
import { needsPrometheus, type Prometheus, startPrometheus, type Target } from './prometheus.ts';

/** A chain whose function has no instance, so that packets are dropped at a hop: there is a panel and an alert for that. */
const CLOSED = `apiVersion: heddle.dev/v1alpha1
kind: Firewall
metadata: {name: nobody}
spec: {replicas: 0}
---
apiVersion: heddle.dev/v1alpha1
kind: ServiceChain
metadata: {name: closed}
spec:
  network: shop
  from: [{podSelector: {matchLabels: {app: web}}}]
  to: [{podSelector: {matchLabels: {app: web}}}]
  functions: [{kind: Firewall, name: nobody}]
`;

interface PortOfServer {
  readonly spec: { readonly pod: { readonly name: string }; readonly addresses?: readonly string[] };
}

/** The addresses of the web servers on the network. */
async function addressesOfServers(namespace: string): Promise<readonly string[]> {
  const ports = await list<PortOfServer>('ports', { namespace });
  const servers = ports.filter(({ spec }) => spec.pod.name.startsWith('web-'));
  return servers.flatMap(({ spec }) => spec.addresses?.[0]?.split('/')[0] ?? []);
}

/** What `npm run demo -- --example full-chain` shows. */
describe('examples/full-chain: VPN, firewall, load balancer, web servers', () => {
  const namespace = useNamespace('full-chain');
  const withPrometheus = needsPrometheus();
  let prometheus: Prometheus | undefined;

  beforeAll(async () => {
    await applyFullChain(namespace);
    if (!withPrometheus.skip) prometheus = await startPrometheus(namespace);
  }, 300_000);
  afterAll(() => prometheus?.close());

  test('a laptop outside reaches them all', needsOutside(), async () => {
    const proofs = await proveFullChain(namespace);
    expect(proofs.filter(({ proved }) => !proved)).toEqual([]);
    expect(proofs).toHaveLength(6);
  });

  describe('a Prometheus set up as in docs/troubleshooting.md', withPrometheus, () => {
    /** Without functions of other tests, which may be on their way out. */
    const concerned = async (): Promise<readonly Target[]> =>
      (await prometheus!.targets()).filter(
        ({ labels }) => labels.job !== 'heddle-functions' || labels.namespace === namespace,
      );

    test('has the alert of a chain whose function has no instance', async () => {
      await apply(CLOSED, namespace);
      const addresses = await addressesOfServers(namespace);
      // One of them is its own.
      const ping = addresses.map((address) => `ping -c 1 -W 1 ${address}`).join('; ');
      await eventually('the alert is there', async () => {
        await exec('deploy/web', ['sh', '-c', ping], { namespace });
        const alerts = await prometheus!.alerts();
        return alerts.some(
          ({ labels }) => labels.alertname === 'HeddleHopFailedClosed' && labels.chain === 'closed',
        );
      });
    });

    test('reads every agent, operator and function', async () => {
      const targets = await eventually('every target has answered', async () => {
        const all = await concerned();
        const silent = all.filter(({ health }) => health !== 'up');
        if (silent.length > 0)
          throw new Error(silent.map((t) => `${t.scrapeUrl}: ${t.lastError}`).join(', '));
        return all;
      });
      const jobs = new Set(targets.map(({ labels }) => labels.job));
      expect([...jobs].sort()).toEqual(['heddle-agent', 'heddle-functions', 'heddle-operator']);
      const ours = targets.flatMap(({ labels }) => (labels.namespace === namespace ? [labels.function] : []));
      for (const [kind, name] of [
        ['Firewall', 'edge'],
        ['LoadBalancer', 'web'],
        ['VPN', 'branch'],
      ])
        expect(ours).toContain(`${namespace}/${kind}/${name}`);
    });

    test('has a bounded number of series, as docs/troubleshooting.md says', async () => {
      const most = async (expr: string) => Number((await prometheus!.query(`max(${expr})`))[0]?.value[1]);
      const ofObjects = 'count by (instance) ({__name__=~"heddle_(port|hop|instance|probe|probes|node)_.+"})';
      for (const [job, bound] of [
        ['heddle-agent', 800],
        ['heddle-operator', 1500],
      ] as const) {
        const all = `scrape_samples_scraped{job="${job}"}`;
        const own = `(${all} - on (instance) ${ofObjects}) or ${all}`;
        expect(await most(`min by (instance) (${own})`), job).toBeLessThan(bound);
      }
      const all = `scrape_samples_scraped{job="heddle-functions",namespace="${namespace}"}`;
      expect(await most(all), 'functions').toBeLessThan(300);
      const pods = `count by (instance) (count by (instance, namespace, pod, interface) (heddle_port_bytes_total))`;
      const ports = `count by (instance) ({__name__=~"heddle_port_.+"})`;
      expect(await most(`${ports} / ${pods}`), 'a pod').toBe(4);
    });

    test('promtool has nothing against the page of any kind of program', async () => {
      const targets = await concerned();
      const kinds = new Map(
        targets.map((target) => [target.labels.function?.split('/')[1] ?? target.labels.job, target]),
      );
      expect(kinds.size).toBeGreaterThanOrEqual(5);
      for (const [kind, target] of kinds) expect(await prometheus!.lint(target), kind).toBe('');
    });

    test(
      'has data for every panel of every dashboard, and evaluates every alert',
      needsOutside(),
      async () => {
        const { panels, variables } = readPanels();
        const nodes = await list<{ readonly metadata: { readonly name: string } }>('nodes');
        const choices = ['remote', 'closed'].flatMap((chain) =>
          nodes.map(({ metadata }) => ({ __rate_interval: '1m', namespace, chain, node: metadata.name })),
        );
        const isEmpty = async (expr: string): Promise<boolean> => {
          const filled = new Set(choices.map((choice) => fill(expr, choice)));
          for (const each of filled) if ((await prometheus!.query(each)).length > 0) return false;
          return true;
        };
        let missing: readonly string[] = [];
        await eventually('every panel has data', async () => {
          const empty: string[] = [];
          for (const { where, expr } of [...panels, ...variables]) if (await isEmpty(expr)) empty.push(where);
          missing = empty;
          return empty.length === 0;
        }).catch(() => undefined);
        expect(missing).toEqual([]);
        for (const { expr } of readAlerts()) await prometheus!.query(expr);
      },
    );
  });
});

// SPDX-License-Identifier: Apache-2.0
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { agentPort, functionPort, operatorPort, selectorOfHeddle } from '../../../api/names.ts';
import { formatEndpoint } from '../../../api/net/endpoint.ts';
import { apply, exec, kubectl, list, readTarget, tryKubectl } from '../../../tools/cluster/kubectl.ts';
import { useNamespace } from '../../../tools/cluster/namespace.ts';
import { eventually } from '../../../tools/cluster/wait.ts';
import { testPod, waitForPod } from '../../../tools/cluster/workloads.ts';
import { applyFirewall, firewallIsReady } from '../datapath/world.ts';

/** Asks for one page with a token, and prints status and body; certificates are not checked, as Prometheus does. */
const ASK = `const [url, token] = process.argv.slice(1);
const client = require(url.startsWith('https:') ? 'node:https' : 'node:http');
const headers = token ? { authorization: 'Bearer ' + token } : {};
const request = client.get(url, { headers, rejectUnauthorized: false, timeout: 5000 }, (reply) => {
  let text = '';
  reply.on('data', (chunk) => { text += chunk; });
  reply.on('end', () => console.log(JSON.stringify({ status: reply.statusCode, text })));
});
request.on('timeout', () => request.destroy(new Error('silent')));
request.on('error', (error) => console.log(JSON.stringify({ status: 0, text: error.code || error.message })));`;

interface Answer {
  readonly status: number;
  readonly text: string;
}

interface Listed {
  readonly metadata: { readonly name: string };
  readonly status: { readonly podIP?: string };
}

/** A page that tells of tenants is not answered: by a refusal, or by nothing where a NetworkPolicy stands before it. */
const REFUSED = [0, 401, 403, 426];

describe('what programs tell a tenant’s pod (security.md: pod-reads-tenants)', () => {
  const tenant = useNamespace('security-http-tenant');
  const other = useNamespace('security-http-other');
  const binding = `${tenant}-metrics`;
  let agents: readonly string[];
  let operators: readonly string[];
  let instance: string;
  let token: string;

  const addressesOf = async (namespace: string, selector: string): Promise<readonly string[]> => {
    const pods = await list<Listed>('pods', { namespace, selector });
    return pods.flatMap(({ status }) => status.podIP ?? []);
  };

  const ask = async (url: string, ...more: readonly string[]): Promise<Answer> => {
    const reply = await exec('stranger', ['node', '-e', ASK, url, ...more], { namespace: tenant });
    return JSON.parse(reply.stdout) as Answer;
  };

  const expectRefused = ({ status, text }: Answer, where: string): void => {
    expect(REFUSED, where).toContain(status);
    expect(text, where).not.toMatch(/heddle_|"rules"|"drops"|pathId/);
  };

  beforeAll(async () => {
    const { system } = readTarget();
    await apply([testPod({ name: 'stranger' })], tenant);
    await applyFirewall(other, 'edge', {
      replicas: 1,
      rules: [{ name: 'secret-rule', action: 'Accept', protocol: 'TCP', destinationPorts: [80] }],
    });
    await waitForPod('stranger', tenant);
    await firewallIsReady(other, 'edge');
    agents = await addressesOf(system, selectorOfHeddle('agent'));
    operators = await addressesOf(system, selectorOfHeddle('operator'));
    [instance] = (await addressesOf(other, 'heddle.dev/function=firewall.edge')) as [string];
    token = (await kubectl(['create', 'token', 'default', '--duration=10m'], { namespace: tenant })).trim();
  }, 180_000);
  afterAll(() => tryKubectl(['delete', 'clusterrolebinding', binding]));

  test('agents: nothing without a token, and nothing to the token of an account without the right', async () => {
    for (const agent of agents) {
      const at = formatEndpoint(agent, agentPort);
      for (const path of ['/metrics', '/counters', '/trace?place=pod']) {
        expectRefused(await ask(`http://${at}${path}`), `${at}${path}`);
        expectRefused(await ask(`https://${at}${path}`), `${at}${path}`);
        expectRefused(await ask(`https://${at}${path}`, token), `${at}${path}`);
      }
    }
  });

  test('operators: the same', async () => {
    for (const operator of operators) {
      const at = formatEndpoint(operator, operatorPort);
      expectRefused(await ask(`http://${at}/metrics`), at);
      expectRefused(await ask(`https://${at}/metrics`, token), at);
    }
  });

  test('functions: nothing but their health', async () => {
    const at = formatEndpoint(instance, functionPort);
    for (const path of ['/report', '/metrics', '/verdict?protocol=6', '/drained']) {
      expectRefused(await ask(`http://${at}${path}`), path);
      expectRefused(await ask(`https://${at}${path}`, token), path);
    }
    const health = await ask(`http://${at}/healthz`);
    expect([0, 200]).toContain(health.status);
  });

  test('an account that may get /metrics gets those of agents and operators, and no traces', async () => {
    await kubectl([
      'create',
      'clusterrolebinding',
      binding,
      '--clusterrole=heddle-metrics',
      `--serviceaccount=${tenant}:default`,
    ]);
    for (const at of [formatEndpoint(agents[0]!, agentPort), formatEndpoint(operators[0]!, operatorPort)]) {
      await eventually(
        'the right has come',
        async () => {
          const { status, text } = await ask(`https://${at}/metrics`, token);
          // Where a NetworkPolicy stands before the program, only namespaces that it names get through.
          return status === 0 || (status === 200 && text.includes('process_cpu_seconds_total'));
        },
        { timeoutMs: 30_000 },
      );
    }
    expectRefused(await ask(`https://${formatEndpoint(agents[0]!, agentPort)}/counters`, token), '/counters');
  });
});

// SPDX-License-Identifier: Apache-2.0
import { type Finding, seen, type World } from './world.ts';

/** A leader renews its lease every few seconds; the rest allows for different clocks of two machines. */
const CLOCK_SLACK_MS = 30_000;

/** Conditions of NodeReports that may be as they should: a busy network is no fault. */
const NOTICES: ReadonlySet<string> = new Set(['FlowsInBudget']);

/** Pure: checks that an operator is at work. */
export function checkOperator(world: World): readonly Finding[] {
  const { operator, leader, systemNamespace } = world;
  const logs = `kubectl -n ${systemNamespace} logs deploy/heddle-operator`;
  const object = `Deployment ${systemNamespace}/heddle-operator`;
  const findings: Finding[] = [];
  if (operator.kind === 'Seen') {
    const { spec, status } = operator.value ?? {};
    const ready = status?.readyReplicas ?? 0;
    const desired = spec?.replicas ?? 1;
    if (!operator.value) {
      const todo = 'Install the chart (docs/install.md), or name its namespace by --system-namespace.';
      findings.push({ severity: 'Problem', object, message: 'there is none', todo });
    } else if (ready === 0) {
      const message = `none of ${desired} operators is ready: what is written now changes nothing, what runs goes on`;
      findings.push({ severity: 'Problem', object, message, todo: logs });
    } else if (ready < desired) {
      const message = `${ready} of ${desired} operators are ready`;
      findings.push({ severity: 'Notice', object, message, todo: `kubectl -n ${systemNamespace} get pods` });
    }
  }
  const lease = seen(leader);
  const installed = operator.kind === 'Unread' || operator.value !== undefined;
  if (
    installed &&
    leader.kind === 'Seen' &&
    (!lease?.holder || lease.ageMs > lease.durationMs + CLOCK_SLACK_MS)
  ) {
    const message = lease?.holder
      ? `its holder ${lease.holder} has not renewed it for ${Math.round(lease.ageMs / 1000)} s: no operator leads`
      : 'nobody holds it: no operator leads';
    findings.push({
      severity: 'Problem',
      object: `Lease ${systemNamespace}/heddle-operator`,
      message,
      todo: logs,
    });
  }
  return findings;
}

/** Pure: checks that each node has a ready agent that reports what its kernel has. */
export function checkNodes(world: World): readonly Finding[] {
  const nodes = seen(world.nodes) ?? [];
  const names = new Set(nodes.map(({ metadata }) => metadata.name));
  return [
    ...nodes.flatMap((node) => checkNode(node.metadata.name, node.status.ready, world)),
    ...checkReports(world, names),
  ];
}

function checkNode(name: string, isReady: boolean, world: World): readonly Finding[] {
  const object = `Node ${name}`;
  const ports = world.ports.filter(({ spec }) => spec.node === name).length;
  const pods = seen(world.agentPods);
  const pod = pods?.find((each) => each.node === name);
  if (!isReady) {
    const todo = `kubectl describe node ${name}`;
    return [{ severity: ports > 0 ? 'Problem' : 'Notice', object, message: 'the node is not ready', todo }];
  }
  if (pods && !pod) {
    const message =
      ports > 0
        ? `it has ${ports} Ports and no agent: changes do not reach it`
        : 'it has no agent: pods of virtual networks cannot start there';
    const todo = `kubectl -n ${world.systemNamespace} describe ds heddle-agent (and agent.nodeSelector of the chart)`;
    return [{ severity: ports > 0 ? 'Problem' : 'Notice', object, message, todo }];
  }
  if (pod && !pod.ready) {
    const why = pod.why === '' ? '' : ` (${pod.why})`;
    const message = `its agent is not ready${why}: packets flow as they did, changes do not reach the node`;
    const todo = `kubectl -n ${world.systemNamespace} logs ${pod.name}`;
    return [{ severity: 'Problem', object, message, todo }];
  }
  const reports = seen(world.reports);
  if (!pod || !reports || reports.some(({ metadata }) => metadata.name === name)) return [];
  const todo = `kubectl -n ${world.systemNamespace} logs ${pod.name}`;
  return [
    { severity: 'Problem', object, message: 'its agent runs and has not reported what the kernel has', todo },
  ];
}

function checkReports(world: World, nodes: ReadonlySet<string>): readonly Finding[] {
  return (seen(world.reports) ?? []).flatMap((report) => {
    const { name } = report.metadata;
    const object = `NodeReport ${world.systemNamespace}/${name}`;
    if (world.nodes.kind === 'Seen' && !nodes.has(name)) return [];
    const conditions = (report.status?.conditions ?? []).filter(({ status }) => status !== 'True');
    const vxlan =
      'See that UDP of the chart value agent.vxlanPort passes between the InternalIPs of both nodes.';
    return [
      ...conditions.map(
        ({ type, reason, message }): Finding => ({
          severity: NOTICES.has(type) ? 'Notice' : 'Problem',
          object,
          message: `${type} (${reason}): ${message}`,
          todo: '',
        }),
      ),
      ...(report.status?.unreachable ?? []).map(
        (other): Finding => ({
          severity: 'Problem',
          object: `Node ${name}`,
          message: `it does not reach node ${other}: the instances there take none of its flows`,
          todo: vxlan,
        }),
      ),
    ];
  });
}

// SPDX-License-Identifier: Apache-2.0
/**
 * A folder of the product: what is decided in it, and what it may import. It may import itself and what is listed, and
 * nothing else of ours.
 */
export interface Room {
  readonly folder: string;
  /** One line for the table of docs/architecture.md, which is generated from this list. */
  readonly decides: string;
  /** Folders, never single files. */
  readonly imports: readonly string[];
  /** Folders of `imports` from which only types may be imported, so that none of their code runs here. */
  readonly types?: readonly string[];
  /** Whether the code is pure: it neither does I/O nor reads the clock. */
  readonly pure?: boolean;
}

/**
 * The rooms. Imports go down: `operator, agent, functions, cli > kube > api`. The most specific entry of a folder
 * counts.
 */
export const rooms: readonly Room[] = [
  {
    folder: 'api/net',
    decides: 'the one model of address, prefix, range and MAC: parse, format, compare, count',
    imports: [],
    pure: true,
  },
  {
    folder: 'api/context',
    decides:
      'what a packet carries: marks and MACs (constants generated from `agent/bpf/maps.h`), and what the agent makes in the namespace of an instance',
    imports: ['api/net'],
    pure: true,
  },
  {
    folder: 'api',
    decides:
      'what all programs share: types (generated from `crds/`), names, annotations, reasons, files and reports that programs exchange, checks that a schema cannot express',
    imports: [],
    pure: true,
  },
  {
    folder: 'kube/base',
    decides:
      'what every program needs, without Kubernetes and without Heddle’s objects: log, http, metrics, clock, back-off',
    imports: [],
  },
  {
    folder: 'kube',
    decides:
      'reflector, store and indexes, work queue, lease, events, writer and apply, credentials, resources of the API server',
    imports: ['api'],
  },
  {
    folder: 'operator/observe',
    decides: 'which resources are watched',
    imports: ['kube', 'api'],
  },
  {
    folder: 'operator/compile',
    decides:
      'inputs -> desired Ports, ChainSlices, Deployments, EndpointSlices (`addresses`, `ports`, `network`, `vni`, `chain`, `names`; `workload` has what all kinds that run pods share; `function` and `vpn` use it)',
    imports: ['api'],
    types: ['operator/observe'],
    pure: true,
  },
  {
    // Status depends on compile, never the other way round.
    folder: 'operator/status',
    decides: 'reports of nodes and pods -> conditions; one `checks` file for each kind',
    imports: ['operator/compile', 'api'],
    pure: true,
  },
  {
    folder: 'operator/apply',
    decides: 'server-side apply of what compile decided, and prune',
    imports: ['kube', 'api'],
  },
  {
    folder: 'operator/report',
    decides: 'polls `/report` of the pods of functions and VPNs',
    imports: ['kube', 'api'],
  },
  {
    folder: 'operator/cleanup',
    decides: 'what `helm uninstall` deletes first, and in which order',
    imports: ['kube', 'api'],
  },
  {
    folder: 'operator/controllers',
    decides:
      'one short file for each kind: which keys are reconciled, then observe > compile > apply > status. A folder beside it: `snapshot` (the inputs of compile and status, from the stores), `triggers` (which keys a change of another object concerns). `workload` has what all kinds that run pods share: a pair of controllers, one to write objects, one to poll pods and write status',
    imports: [
      'operator/observe',
      'operator/compile',
      'operator/status',
      'operator/apply',
      'operator/report',
      'kube',
      'api',
    ],
  },
  {
    folder: 'operator',
    decides: 'the operator’s program: options, start, stop',
    imports: ['operator', 'kube', 'api'],
  },
  {
    folder: 'agent/nri',
    decides: 'the container runtime’s hook: mux, ttrpc, plugin',
    imports: [],
  },
  {
    folder: 'agent/kernel',
    decides: 'netlink, bpf, sysctl, in a child process; the only importer of koffi',
    imports: ['api/net'],
  },
  {
    folder: 'agent/render',
    decides: 'the desired state: Ports, networks, slices -> map entries, attachments, as values',
    imports: ['api'],
    pure: true,
  },
  {
    folder: 'agent/plan',
    decides: 'the order of writes: the difference between the desired state and the kernel, as steps',
    imports: ['agent/render', 'api'],
    pure: true,
  },
  {
    folder: 'agent/observe',
    decides: 'the inputs of this node: reflectors, its own interfaces, counters',
    imports: ['agent/render', 'agent/kernel', 'kube', 'api'],
  },
  {
    folder: 'agent/apply',
    decides: 'makes the kernel equal to the rendered state, and prunes',
    imports: ['agent/kernel', 'agent/plan', 'agent/render', 'api'],
  },
  {
    folder: 'agent/health',
    decides: 'probes: what is sent, and what the answers mean; pure except for one class',
    imports: ['agent/kernel', 'agent/render', 'kube', 'api'],
  },
  {
    folder: 'agent/trace',
    decides:
      'what the programs would do with a packet, computed from entries of their maps: `GET /trace`, one step',
    imports: ['agent/kernel', 'agent/observe', 'agent/render', 'kube', 'api'],
  },
  {
    folder: 'agent/controllers',
    decides:
      'which change concerns which network or Port; then observe > render > plan > apply > report; the answers to the runtime’s hooks',
    imports: [
      'agent/nri',
      'agent/kernel',
      'agent/observe',
      'agent/render',
      'agent/plan',
      'agent/apply',
      'agent/health',
      'agent/trace',
      'kube',
      'api',
    ],
  },
  {
    folder: 'agent',
    decides: 'the agent’s program: options, start, stop',
    imports: ['agent', 'kube', 'api'],
  },
  {
    folder: 'functions/shared',
    decides:
      'the loop of every function: watch > render > apply > report, health, drain; `nft/`: a ruleset as a value, one transaction of the differences, conntrack zones of paths',
    imports: ['kube', 'api'],
  },
  {
    folder: 'functions/firewall',
    decides: 'rules -> nftables ruleset (pure), counters, logs',
    imports: ['functions/shared', 'kube', 'api'],
  },
  {
    folder: 'functions/loadbalancer',
    decides: 'listeners, backends and their health -> nftables ruleset (pure), health checks',
    imports: ['functions/shared', 'kube', 'api'],
  },
  {
    folder: 'functions/custom',
    decides: 'what runs beside a user’s image: keeps paths apart, counts, drains',
    imports: ['functions/shared', 'kube', 'api'],
  },
  {
    folder: 'functions/vpn',
    decides: 'peers -> WireGuard, routes and rules (pure), and applying them; takeovers',
    imports: ['functions/shared', 'kube', 'api'],
  },
  {
    folder: 'cli',
    decides:
      '`kubectl heddle`, one folder for each verb: what it asks of the programs, and how it prints the answers',
    imports: ['kube', 'api'],
  },
];

/** Folders that no room of the product may import; they may import every room. */
export const outside: readonly string[] = ['tools', 'bench', 'test'];

// SPDX-License-Identifier: Apache-2.0
import { agentPort, systemNamespace, vxlanPort } from '../api/names.ts';
import { type NumberRange, readChoice, readFlags, readNumber, UsageError } from '../kube/base/flags.ts';
import { type LogLevel, logLevels } from '../kube/base/log.ts';

export type EncapsulateBy = 'Programs' | 'Device';

/** What the agent is told at its start. */
export interface AgentOptions {
  readonly node: string;
  /** The node's InternalIP; undefined: read from its Node object. */
  readonly nodeIp: string | undefined;
  /** Where NodeReports are. */
  readonly namespace: string;
  readonly vxlanPort: number;
  /** Names of devices by which VXLAN may arrive although no route to its sender leads there. */
  readonly underlayDevices: readonly string[];
  readonly httpPort: number;
  readonly nriSocket: string;
  /** A directory on a bpffs, for pins. */
  readonly bpffs: string;
  /** Where `/proc/sys` is writable for a namespace that was entered. */
  readonly procRoot: string;
  /** Each own instance of a function gets a probe so often. */
  readonly probeIntervalMs: number;
  /** It is down after so many unanswered in a row. */
  readonly probeMisses: number;
  /** Flows that this node remembers at once. */
  readonly flows: number;
  /** What becomes of a pod that started past the agent and cannot have its interface. */
  readonly startedWithout: 'Fence' | 'Isolate';
  /** What writes and reads VXLAN: our programs, or the VXLAN device. Both write the same bytes. */
  readonly encapsulateBy: EncapsulateBy;
  readonly logLevel: LogLevel;
  readonly kubeconfig: string | undefined;
  readonly bpfObject: string | undefined;
}

/**
 * Reads flags, with the environment for what only the pod knows.
 * @throws UsageError
 */
export function parseOptions(
  args: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
): AgentOptions {
  const { values } = readFlags(args, FLAGS);
  const node = values.node ?? environment.NODE_NAME ?? '';
  if (node === '')
    throw new UsageError('--node (or NODE_NAME) is missing: the name of the node that the agent runs on');
  return {
    node,
    nodeIp: values['node-ip'] ?? environment.NODE_IP,
    namespace: values.namespace ?? environment.HEDDLE_NAMESPACE ?? systemNamespace,
    vxlanPort: number(values, 'vxlan-port', { ...PORT, absent: vxlanPort }),
    underlayDevices: readDevices(values['underlay-devices'] ?? ''),
    httpPort: number(values, 'http-port', { ...PORT, absent: agentPort }),
    nriSocket: values['nri-socket'] ?? '/var/run/nri/nri.sock',
    bpffs: values.bpffs ?? '/sys/fs/bpf',
    procRoot: values['proc-root'] ?? '/proc',
    probeIntervalMs: number(values, 'probe-interval', {
      what: 'milliseconds',
      least: 10,
      most: 100,
      absent: 50,
    }),
    probeMisses: number(values, 'probe-misses', { what: 'probes', least: 2, most: 100, absent: 4 }),
    flows: number(values, 'flows', {
      what: 'a number of flows',
      least: 1024,
      most: 16_777_216,
      absent: 65_536,
    }),
    startedWithout: readChoice('started-without', values['started-without'] ?? 'Fence', ['Fence', 'Isolate']),
    encapsulateBy: readChoice('encapsulate-by', values['encapsulate-by'] ?? 'Programs', [
      'Programs',
      'Device',
    ]),
    logLevel: readChoice('log-level', values['log-level'] ?? 'info', logLevels),
    kubeconfig: values.kubeconfig,
    bpfObject: values['bpf-object'],
  };
}

const PORT: NumberRange = { what: 'a port', least: 1, most: 65_535 };

const STRING = { type: 'string' } as const;
const FLAGS = {
  node: STRING,
  'node-ip': STRING,
  namespace: STRING,
  'vxlan-port': STRING,
  'underlay-devices': STRING,
  'http-port': STRING,
  'nri-socket': STRING,
  bpffs: STRING,
  'proc-root': STRING,
  'probe-interval': STRING,
  'probe-misses': STRING,
  flows: STRING,
  'started-without': STRING,
  'encapsulate-by': STRING,
  'log-level': STRING,
  kubeconfig: STRING,
  'bpf-object': STRING,
};

/** A device name as nftables and the kernel take it, at most 15 bytes (IFNAMSIZ). */
const DEVICE = /^[A-Za-z0-9_.@:-]{1,15}$/;

function readDevices(text: string): readonly string[] {
  const names = text.split(',').filter((name) => name !== '');
  const wrong = names.find((name) => !DEVICE.test(name));
  if (wrong !== undefined)
    throw new UsageError(
      `--underlay-devices: ${wrong} is no name of a device; names are separated by commas`,
    );
  return names;
}

function number(
  values: Readonly<Record<string, string | undefined>>,
  flag: string,
  { absent, ...range }: NumberRange & { readonly absent: number },
): number {
  return readNumber(flag, values[flag] ?? String(absent), range);
}

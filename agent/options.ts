import { parseArgs } from 'node:util';

/** What the agent is told at its start. */
export interface AgentOptions {
  readonly node: string;
  /** The node's InternalIP; undefined: read from its Node object. */
  readonly nodeIp: string | undefined;
  /** Where NodeReports are. */
  readonly namespace: string;
  readonly vxlanPort: number;
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
  readonly logLevel: string;
  readonly kubeconfig: string | undefined;
  readonly bpfObject: string | undefined;
}

/** A wrong flag; the message names it. */
export class OptionError extends Error {}

const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal'];

/**
 * Reads flags, with the environment for what only the pod knows.
 * @throws OptionError
 */
export function parseOptions(
  args: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
): AgentOptions {
  const { values } = read(args);
  const node = values.node ?? environment.NODE_NAME ?? '';
  if (node === '')
    throw new OptionError('--node (or NODE_NAME) is missing: the name of the node that the agent runs on');
  const logLevel = values['log-level'] ?? 'info';
  if (!LOG_LEVELS.includes(logLevel))
    throw new OptionError(`--log-level must be one of ${LOG_LEVELS.join(', ')}, not "${logLevel}"`);
  return {
    node,
    nodeIp: values['node-ip'] ?? environment.NODE_IP,
    namespace: values.namespace ?? environment.HEDDLE_NAMESPACE ?? 'heddle-system',
    vxlanPort: number(values, 'vxlan-port', PORT),
    httpPort: number(values, 'http-port', { ...PORT, absent: 9470 }),
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
    logLevel,
    kubeconfig: values.kubeconfig,
    bpfObject: values['bpf-object'],
  };
}

interface Range {
  readonly what: string;
  readonly least: number;
  readonly most: number;
  readonly absent: number;
}

const PORT: Range = { what: 'a port', least: 1, most: 65_535, absent: 14_789 };

const STRING = { type: 'string' } as const;

function read(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        node: STRING,
        'node-ip': STRING,
        namespace: STRING,
        'vxlan-port': STRING,
        'http-port': STRING,
        'nri-socket': STRING,
        bpffs: STRING,
        'proc-root': STRING,
        'probe-interval': STRING,
        'probe-misses': STRING,
        flows: STRING,
        'log-level': STRING,
        kubeconfig: STRING,
        'bpf-object': STRING,
      },
    });
  } catch (error) {
    throw new OptionError((error as Error).message);
  }
}

function number(
  values: Readonly<Record<string, string | undefined>>,
  flag: string,
  { what, least, most, absent }: Range,
): number {
  const text = values[flag] ?? String(absent);
  const value = Number(text);
  if (!Number.isInteger(value) || value < least || value > most)
    throw new OptionError(`--${flag} must be ${what} from ${least} to ${most}, not "${text}"`);
  return value;
}

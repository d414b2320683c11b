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
    vxlanPort: port('--vxlan-port', values['vxlan-port'] ?? '14789'),
    httpPort: port('--http-port', values['http-port'] ?? '9470'),
    nriSocket: values['nri-socket'] ?? '/var/run/nri/nri.sock',
    bpffs: values.bpffs ?? '/sys/fs/bpf',
    procRoot: values['proc-root'] ?? '/proc',
    logLevel,
    kubeconfig: values.kubeconfig,
    bpfObject: values['bpf-object'],
  };
}

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
        'log-level': STRING,
        kubeconfig: STRING,
        'bpf-object': STRING,
      },
    });
  } catch (error) {
    throw new OptionError((error as Error).message);
  }
}

function port(flag: string, text: string): number {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 1 || number > 65535) {
    throw new OptionError(`${flag} must be a port from 1 to 65535, not "${text}"`);
  }
  return number;
}

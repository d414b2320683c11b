import { parseArgs } from 'node:util';
import type { FunctionKind } from './compile/function/kinds.ts';

const LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'];

/** What the operator is told when it starts. */
export interface OperatorOptions {
  readonly namespace: string;
  readonly leaseName: string;
  readonly httpPort: number;
  readonly logLevel: string;
  readonly kubeconfig: string | undefined;
  /** Unlike any other replica's: name of the pod, or of the machine, and the process. */
  readonly identity: string;
  readonly images: Readonly<Record<FunctionKind, string>>;
}

export type ParsedOptions =
  | { readonly kind: 'Options'; readonly options: OperatorOptions }
  | { readonly kind: 'Help'; readonly text: string }
  | { readonly kind: 'Wrong'; readonly message: string };

const HELP = `heddle operator

  --namespace NAME                 where the operator and its lease live (heddle-system)
  --lease-name NAME                lease by which replicas elect their leader (heddle-operator)
  --http-port PORT                 /healthz, /readyz and /metrics; 0 is any free port (8080)
  --log-level LEVEL                ${LEVELS.join(', ')} (info)
  --function-image-firewall IMAGE  image of firewalls; else HEDDLE_IMAGE_FIREWALL
  --kubeconfig FILE                cluster to work on, for development; else the pod's own
  --help                           this text
`;

/** Pure: the options out of arguments and environment, or one sentence that names what is wrong. */
export function parseOptions(input: {
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly hostname: string;
  readonly pid: number;
}): ParsedOptions {
  const flags = parseFlags(input.args);
  if (typeof flags === 'string') return { kind: 'Wrong', message: flags };
  if (flags.help) return { kind: 'Help', text: HELP };

  const httpPort = Number(flags['http-port']);
  if (!/^\d+$/.test(flags['http-port']) || httpPort > 65535) {
    return wrong('--http-port', flags['http-port'], 'a number from 0 to 65535');
  }
  if (!LEVELS.includes(flags['log-level'])) {
    return wrong('--log-level', flags['log-level'], `one of ${LEVELS.join(', ')}`);
  }
  const firewall = flags['function-image-firewall'] ?? input.env.HEDDLE_IMAGE_FIREWALL;
  if (!firewall) {
    return {
      kind: 'Wrong',
      message: '--function-image-firewall (or HEDDLE_IMAGE_FIREWALL) is missing: the image of firewalls',
    };
  }
  return {
    kind: 'Options',
    options: {
      namespace: flags.namespace,
      leaseName: flags['lease-name'],
      httpPort,
      logLevel: flags['log-level'],
      kubeconfig: flags.kubeconfig,
      identity: input.env.POD_NAME ?? `${input.hostname}-${input.pid}`,
      images: { Firewall: firewall },
    },
  };
}

function parseFlags(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: false,
      strict: true,
      options: {
        namespace: { type: 'string', default: 'heddle-system' },
        'lease-name': { type: 'string', default: 'heddle-operator' },
        'http-port': { type: 'string', default: '8080' },
        'log-level': { type: 'string', default: 'info' },
        'function-image-firewall': { type: 'string' },
        kubeconfig: { type: 'string' },
        help: { type: 'boolean', default: false },
      },
    }).values;
  } catch (error) {
    if (error instanceof TypeError && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS')) {
      return error.message;
    }
    throw error;
  }
}

function wrong(flag: string, value: string, expected: string): ParsedOptions {
  return { kind: 'Wrong', message: `${flag}: ${JSON.stringify(value)} is not ${expected}` };
}

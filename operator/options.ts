import { parseArgs } from 'node:util';
import { programs, type WorkloadKind, workloadKinds } from '../api/index.ts';

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
  readonly images: Readonly<Record<WorkloadKind, string>>;
}

export type ParsedOptions =
  | { readonly kind: 'Options'; readonly options: OperatorOptions }
  | { readonly kind: 'Help'; readonly text: string }
  | { readonly kind: 'Wrong'; readonly message: string };

/** Of each kind with pods: the flag and the variable that say its image. */
const IMAGES = workloadKinds.map((kind) => {
  const program = programs[kind];
  const flag = `function-image-${program}`;
  return { kind, flag, variable: `HEDDLE_IMAGE_${program.toUpperCase()}` };
});

const IMAGE_HELP = IMAGES.map(
  ({ kind, flag, variable }) => `  --${flag} IMAGE  image of kind ${kind}; else ${variable}`,
).join('\n');

const HELP = `heddle operator

  --namespace NAME                 where the operator and its lease live (heddle-system)
  --lease-name NAME                lease by which replicas elect their leader (heddle-operator)
  --http-port PORT                 /healthz, /readyz and /metrics; 0 is any free port (8080)
  --log-level LEVEL                ${LEVELS.join(', ')} (info)
${IMAGE_HELP}
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
  const images = IMAGES.map((each) => ({
    ...each,
    image: (flags as Readonly<Record<string, unknown>>)[each.flag] ?? input.env[each.variable],
  }));
  const without = images.find(({ image }) => !image);
  if (without) {
    const { kind, flag, variable } = without;
    return { kind: 'Wrong', message: `--${flag} (or ${variable}) is missing: the image of kind ${kind}` };
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
      images: Object.fromEntries(images.map(({ kind, image }) => [kind, image])) as OperatorOptions['images'],
    },
  };
}

function imageFlags(): Record<string, { type: 'string' }> {
  return Object.fromEntries(IMAGES.map(({ flag }) => [flag, { type: 'string' }]));
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
        ...imageFlags(),
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

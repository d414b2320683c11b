// SPDX-License-Identifier: Apache-2.0
import { programs, type WorkloadKind, workloadKinds } from '../api/index.ts';
import { operatorPort, systemNamespace } from '../api/names.ts';
import { type Prefix, tryParsePrefix } from '../api/net/prefix.ts';
import { readChoice, readFlags, readNumber, UsageError } from '../kube/base/flags.ts';
import { type LogLevel, logLevels } from '../kube/base/log.ts';
import { DEFAULT_LIMITS, type Limits } from './compile/limits.ts';

/** The options of the operator, from flags and environment. */
export interface OperatorOptions {
  readonly namespace: string;
  readonly leaseName: string;
  readonly httpPort: number;
  readonly logLevel: LogLevel;
  readonly kubeconfig: string | undefined;
  /** Unique among replicas: name of the pod, or of the machine and the process. */
  readonly identity: string;
  /** Ranges of the cluster, besides those that the API tells. */
  readonly clusterRanges: readonly Prefix[];
  readonly limits: Limits;
  readonly images: Readonly<Record<WorkloadKind, string>>;
}

export type ParsedOptions =
  | { readonly kind: 'Options'; readonly options: OperatorOptions }
  | { readonly kind: 'Help'; readonly text: string }
  | { readonly kind: 'Wrong'; readonly message: string };

/** The flag and the variable with the image of each kind that runs pods. */
const IMAGES = workloadKinds.map((kind) => {
  const program = programs[kind];
  const flag = `function-image-${program}`;
  return { kind, flag, variable: `HEDDLE_IMAGE_${program.toUpperCase()}` };
});

const IMAGE_HELP = IMAGES.map(
  ({ kind, flag, variable }) => `  --${flag} IMAGE  image of kind ${kind}; else ${variable}`,
).join('\n');

/** The flag of each limit, such as `limit-ports-per-namespace`. */
const LIMITS = (Object.keys(DEFAULT_LIMITS) as (keyof Limits)[]).map((name) => ({
  name,
  flag: `limit-${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`,
}));

const LIMIT_HELP = LIMITS.map(
  ({ name, flag }) => `  --${flag.padEnd(31)}the chart's limits.${name} (${DEFAULT_LIMITS[name]})`,
).join('\n');

const HELP = `heddle operator

  --namespace NAME                 where the operator and its lease live (${systemNamespace})
  --lease-name NAME                lease by which replicas elect their leader (heddle-operator)
  --http-port PORT                 /healthz, /readyz, and /metrics by HTTPS; 0 is any free port (${operatorPort})
  --log-level LEVEL                ${logLevels.join(', ')} (info)
  --cluster-ranges CIDR,...        ranges of the cluster besides those of its nodes, their pods and Services
${LIMIT_HELP}
${IMAGE_HELP}
  --kubeconfig FILE                cluster to work on, for development; else the pod's own
  --help                           this text
`;

interface Input {
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly hostname: string;
  readonly pid: number;
}

/** Pure: parses arguments and environment. An error is one sentence that names the wrong one. */
export function parseOptions(input: Input): ParsedOptions {
  try {
    return parse(input);
  } catch (error) {
    if (error instanceof UsageError) return { kind: 'Wrong', message: error.message };
    throw error;
  }
}

function parse({ args, env, hostname, pid }: Input): ParsedOptions {
  const { values: flags } = readFlags(args, FLAGS);
  if (flags.help) return { kind: 'Help', text: HELP };
  return {
    kind: 'Options',
    options: {
      namespace: flags.namespace,
      leaseName: flags['lease-name'],
      httpPort: readNumber('http-port', flags['http-port'], { what: 'a port', least: 0, most: 65_535 }),
      logLevel: readChoice('log-level', flags['log-level'], logLevels),
      kubeconfig: flags.kubeconfig,
      identity: env.POD_NAME ?? `${hostname}-${pid}`,
      clusterRanges: rangesOf(flags['cluster-ranges']),
      limits: limitsOf(flags),
      images: imagesOf(flags, env),
    },
  };
}

const FLAGS = {
  namespace: { type: 'string', default: systemNamespace },
  'lease-name': { type: 'string', default: 'heddle-operator' },
  'http-port': { type: 'string', default: String(operatorPort) },
  'log-level': { type: 'string', default: 'info' },
  'cluster-ranges': { type: 'string', default: '' },
  ...Object.fromEntries(LIMITS.map(({ flag }) => [flag, { type: 'string' } as const])),
  ...Object.fromEntries(IMAGES.map(({ flag }) => [flag, { type: 'string' } as const])),
  kubeconfig: { type: 'string' },
  help: { type: 'boolean', default: false },
} as const;

function rangesOf(text: string): readonly Prefix[] {
  const parts = text.split(',').filter((part) => part !== '');
  return parts.map((part) => {
    const prefix = tryParsePrefix(part);
    if (!prefix) throw new UsageError(`--cluster-ranges: ${part} is not a range such as 10.96.0.0/16`);
    return prefix;
  });
}

function limitsOf(flags: Readonly<Record<string, unknown>>): Limits {
  const read = LIMITS.map(({ name, flag }) => {
    const text = String(flags[flag] ?? DEFAULT_LIMITS[name]);
    return [name, readNumber(flag, text, { what: 'a number', least: 1, most: 1_000_000 })];
  });
  return Object.fromEntries(read) as unknown as Limits;
}

function imagesOf(flags: Readonly<Record<string, unknown>>, env: Input['env']): OperatorOptions['images'] {
  const images = IMAGES.map(({ kind, flag, variable }) => {
    const image = flags[flag] ?? env[variable];
    if (!image) throw new UsageError(`--${flag} (or ${variable}) is missing: the image of kind ${kind}`);
    return [kind, image];
  });
  return Object.fromEntries(images) as OperatorOptions['images'];
}

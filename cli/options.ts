// SPDX-License-Identifier: Apache-2.0
import { systemNamespace } from '../api/names.ts';
import { readFlags, UsageError } from '../kube/base/flags.ts';

/** Options of all verbs: which cluster, which namespaces, and the output format. */
export interface CommonOptions {
  readonly kubeconfig: string | undefined;
  readonly context: string | undefined;
  /** Undefined: the default of the verb. */
  readonly namespace: string | undefined;
  readonly allNamespaces: boolean;
  /** The namespace in which the chart is installed. */
  readonly systemNamespace: string;
  readonly output: 'table' | 'json';
}

/** Flags of one verb, in the form that `parseArgs` of Node takes. */
export type FlagTable = Readonly<
  Record<
    string,
    { readonly type: 'string' | 'boolean'; readonly short?: string; readonly default?: string | boolean }
  >
>;

const COMMON = {
  kubeconfig: { type: 'string' },
  context: { type: 'string' },
  namespace: { type: 'string', short: 'n' },
  'all-namespaces': { type: 'boolean', short: 'A', default: false },
  'system-namespace': { type: 'string', default: systemNamespace },
  output: { type: 'string', short: 'o', default: 'table' },
  help: { type: 'boolean', short: 'h', default: false },
} as const;

export const COMMON_HELP = `  --kubeconfig FILE         kubeconfig of the cluster; default $KUBECONFIG or ~/.kube/config
  --context NAME            context of the kubeconfig; default the current one
  -n, --namespace NAME      namespace of the named objects
  -A, --all-namespaces      all namespaces
  --system-namespace NAME   where Heddle is installed (${systemNamespace})
  -o, --output FORMAT       table or json (table)
  -h, --help                this text
`;

/** Flags of all verbs that take a value, in their long and short forms. */
const WITH_VALUE: ReadonlySet<string> = new Set(
  Object.entries(COMMON).flatMap(([name, flag]) =>
    flag.type === 'string' ? [`--${name}`, ...('short' in flag ? [`-${flag.short}`] : [])] : [],
  ),
);

/**
 * Pure: splits a command line into the verb and everything else, in order. As with kubectl, flags of all verbs may also
 * come before the verb: `kubectl heddle -n shop trace ...`.
 */
export function splitVerb(args: readonly string[]): {
  readonly verb: string | undefined;
  readonly rest: readonly string[];
} {
  for (let index = 0; index < args.length; index++) {
    const word = args[index]!;
    if (WITH_VALUE.has(word)) index += 1;
    else if (!word.startsWith('-')) return { verb: word, rest: args.toSpliced(index, 1) };
  }
  return { verb: undefined, rest: args };
}

export type Flags = Readonly<Record<string, string | boolean | undefined>>;

export type ParsedCommand =
  | { readonly kind: 'Help' }
  | {
      readonly kind: 'Run';
      readonly common: CommonOptions;
      readonly flags: Flags;
      /** Arguments that are not flags; only for verbs that take some. */
      readonly words: readonly string[];
    };

/**
 * Pure: parses the options of a verb.
 * @throws UsageError
 */
export function parseCommand(args: readonly string[], own: FlagTable, takesWords = false): ParsedCommand {
  const read = readFlags(args, { ...COMMON, ...own }, takesWords);
  const [flags, words] = [read.values as Flags, read.positionals];
  if (flags.help) return { kind: 'Help' };
  const output = textOf(flags, 'output') ?? 'table';
  if (output !== 'table' && output !== 'json') {
    throw new UsageError(`--output: "${output}" is not table or json`);
  }
  const namespace = textOf(flags, 'namespace');
  const allNamespaces = flags['all-namespaces'] === true;
  if (namespace !== undefined && allNamespaces) {
    throw new UsageError('--namespace and --all-namespaces exclude each other: leave one out');
  }
  return {
    kind: 'Run',
    common: {
      kubeconfig: textOf(flags, 'kubeconfig'),
      context: textOf(flags, 'context'),
      namespace,
      allNamespaces,
      systemNamespace: textOf(flags, 'system-namespace') ?? systemNamespace,
      output,
    },
    flags,
    words,
  };
}

/** The value of a flag as text; undefined when the flag was not given. */
export function textOf(flags: Flags, name: string): string | undefined {
  const value = flags[name];
  return typeof value === 'string' ? value : undefined;
}

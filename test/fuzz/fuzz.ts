// SPDX-License-Identifier: Apache-2.0
import fc, { type Arbitrary, type RunDetails } from 'fast-check';
import { addToCorpus, encode, readCorpus } from './corpus.ts';
import { watchFor } from './watchdog.ts';

/** Whether this is `npm run test:fuzz`; else only the corpus and a few inputs are tried. */
const isLong = process.env.HEDDLE_FUZZ === 'long';
const INPUTS = { short: 300, long: 100_000 } as const;
/** A parser that needs longer for all inputs fails, however many it has answered. */
const LIMIT_MS = { short: 20_000, long: 180_000 } as const;
const size = isLong ? 'long' : 'short';

/** How many inputs each property is tried with. */
export const inputs = INPUTS[size];
/** How long a test may take; more than the inputs may. */
export const timeoutMs = LIMIT_MS[size] + 30_000;

const parameters = {
  numRuns: inputs,
  interruptAfterTimeLimit: LIMIT_MS[size],
  markInterruptAsFailure: true,
} as const;

/**
 * Tries a property with the inputs of the corpus `test/fuzz/corpus/NAME.json`, then with random ones. `property` throws
 * when it does not hold, as `expect` does. A long run adds the smallest input that it finds to the corpus. An input that
 * never ends ends the process, with the name of the property.
 */
export function fuzz<Input>(
  name: string,
  arbitrary: Arbitrary<Input>,
  property: (input: Input) => void,
): void {
  const examples = readCorpus<Input>(name).map((input): [Input] => [input]);
  const watch = watchFor(name);
  try {
    const details = fc.check(
      fc.property(arbitrary, (input) => {
        watch.alive();
        property(input);
      }),
      { ...parameters, examples },
    );
    finish(name, details);
  } finally {
    watch.end();
  }
}

/**
 * Like `fuzz`, for a property that waits, and tries a batch of inputs at once: together, as many inputs. It returns the
 * input that failed, with the reason.
 */
export async function fuzzBatches<Input>(
  name: string,
  arbitrary: Arbitrary<Input>,
  property: (batch: readonly Input[]) => Promise<Failure<Input> | undefined>,
): Promise<void> {
  let failure: Failure<Input> | undefined;
  const tryBatch = async (batch: readonly Input[]): Promise<void> => {
    failure = await property(batch);
    if (failure) throw failure.error;
  };
  const known = readCorpus<Input>(name);
  if (known.length > 0) await tryBatch(known);
  const batch = fc.array(arbitrary, { minLength: BATCH, maxLength: BATCH, size: 'max' });
  const numRuns = Math.ceil(inputs / BATCH);
  // A batch is not made smaller: the one input is known.
  const run = { ...parameters, numRuns, endOnFailure: true };
  const details = await fc.check(fc.asyncProperty(batch, tryBatch), run);
  if (!details.failed) return;
  if (isLong && failure) addToCorpus(name, failure.input);
  const { seed, counterexamplePath } = details;
  const what = failure ? encode(failure.input) : 'the time is over';
  throw new Error(`${name}: { seed: ${seed}, path: ${counterexamplePath} } ${what}`, {
    cause: details.errorInstance,
  });
}

/** An input for which a property does not hold. */
export interface Failure<Input> {
  readonly input: Input;
  readonly error: unknown;
}

const BATCH = 100;

function finish<Input>(name: string, details: RunDetails<[Input]>): void {
  if (!details.failed) return;
  if (isLong && details.counterexample) addToCorpus(name, details.counterexample[0]);
  throw new Error(`${name}: ${fc.defaultReportMessage(details)}`, { cause: details.errorInstance });
}

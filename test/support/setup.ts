// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import { seed } from './seed.ts';

// Every property test of a run starts from one seed; a failure also prints the path to its counterexample.
fc.configureGlobal({ seed });

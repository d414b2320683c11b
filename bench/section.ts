// SPDX-License-Identifier: Apache-2.0
/** A part of the benchmark's report. */
export interface Section {
  readonly title: string;
  readonly markdown: string;
}

export interface PartOptions {
  readonly quick: boolean;
  /** A line for the person who waits; it is not part of the report. */
  progress(line: string): void;
}

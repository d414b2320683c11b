// SPDX-License-Identifier: Apache-2.0

import type { InstanceReport } from '../../api/report.ts';
import type { ReportChannel } from '../../api/report-key.ts';
import type { Allowance } from './allowance.ts';
import { readPage } from './client.ts';
import { parseReport } from './parse.ts';

/** Timeout of a request. An instance answers from memory, so a slower one counts as unreachable. */
const TIMEOUT_MS = 2000;

/** A request for the report of one instance. */
export interface Request {
  /** The address of its pod. */
  readonly ip: string;
  readonly channel: ReportChannel;
  readonly allowance: Allowance;
  readonly signal: AbortSignal;
  /** Told how many bytes the instance has sent, whether or not they are a valid report. */
  readonly spend: (bytes: number) => void;
}

/** Fetches the report of an instance. */
export async function fetchReport(request: Request): Promise<InstanceReport> {
  return parseReport(await readReport(request, TIMEOUT_MS), request.allowance);
}

/** Fetches the text of a report from the instance at a pod's address. */
export function readReport(request: Request, timeoutMs: number): Promise<string> {
  const { ip, channel, allowance, spend } = request;
  const signal = AbortSignal.any([request.signal, AbortSignal.timeout(timeoutMs)]);
  return readPage({ ip, channel, path: '/report', mostBytes: allowance.bytes, signal, spend });
}

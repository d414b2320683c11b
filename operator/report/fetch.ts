// SPDX-License-Identifier: Apache-2.0
import { functionPort } from '../../api/index.ts';
import { formatEndpoint } from '../../api/net/endpoint.ts';
import type { InstanceReport } from '../../api/report.ts';
import type { Allowance } from './allowance.ts';
import { parseReport, ReportError } from './parse.ts';

/** Timeout of a request. An instance answers from memory, so a slower one counts as unreachable. */
const TIMEOUT_MS = 2000;

/** A request for the report of one instance. */
export interface Request {
  /** The address of its pod. */
  readonly ip: string;
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
export async function readReport(
  { ip, allowance, signal, spend }: Request,
  timeoutMs: number,
): Promise<string> {
  const response = await fetch(`http://${formatEndpoint(ip, functionPort)}/report`, {
    signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
    redirect: 'error',
  });
  if (!response.ok) {
    await response.body?.cancel();
    throw new ReportError(`/report answered ${response.status}`);
  }
  return readLimited(response, allowance.bytes, spend);
}

async function readLimited(
  response: Response,
  most: number,
  spend: (bytes: number) => void,
): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) {
    spend(chunk.byteLength);
    bytes += chunk.byteLength;
    if (bytes > most) throw new ReportError(`/report is longer than ${most} bytes`);
    chunks.push(chunk);
  }
  return new TextDecoder().decode(Buffer.concat(chunks));
}

// SPDX-License-Identifier: Apache-2.0
import { functionPort } from '../../api/index.ts';
import { formatEndpoint } from '../../api/net/endpoint.ts';
import type { InstanceReport } from '../../api/report.ts';
import { parseReport, ReportError } from './parse.ts';

/** Timeout of a request. An instance answers from memory, so a slower one counts as unreachable. */
const TIMEOUT_MS = 2000;
/** Most bytes of a report: 10,000 rules with long names and large counters fit. */
const MOST_BYTES = 8 * 1024 * 1024;

/** Fetches the report of the instance at a pod's address. */
export async function fetchReport(ip: string, signal: AbortSignal): Promise<InstanceReport> {
  return parseReport(await readReport(ip, signal, TIMEOUT_MS));
}

/** Fetches the text of a report from the instance at a pod's address. */
export async function readReport(ip: string, signal: AbortSignal, timeoutMs: number): Promise<string> {
  const response = await fetch(`http://${formatEndpoint(ip, functionPort)}/report`, {
    signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
    redirect: 'error',
  });
  if (!response.ok) throw new ReportError(`/report answered ${response.status}`);
  return readLimited(response);
}

async function readLimited(response: Response): Promise<string> {
  const decoder = new TextDecoder();
  let text = '';
  for await (const chunk of response.body ?? []) {
    text += decoder.decode(chunk as Uint8Array, { stream: true });
    if (text.length > MOST_BYTES) throw new ReportError('/report is too long');
  }
  return text + decoder.decode();
}

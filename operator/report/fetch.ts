// SPDX-License-Identifier: Apache-2.0
import { functionPort } from '../../api/index.ts';
import { formatEndpoint } from '../../api/net/endpoint.ts';
import type { InstanceReport } from '../../api/report.ts';
import { parseReport, ReportError } from './parse.ts';

/** An instance answers from memory; one that takes longer than this is as good as away. */
const TIMEOUT_MS = 2000;
/** 10,000 rules with long names and large counters; what is larger is not a report. */
const MOST_BYTES = 8 * 1024 * 1024;

/** Asks the instance at a pod's address what it has in its kernel and what it counted. */
export async function fetchReport(ip: string, signal: AbortSignal): Promise<InstanceReport> {
  return parseReport(await readReport(ip, signal, TIMEOUT_MS));
}

/** The text that the instance at a pod's address answers. */
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

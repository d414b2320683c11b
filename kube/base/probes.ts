// SPDX-License-Identifier: Apache-2.0
import type { Express } from 'express';

/** A check returns undefined when all is well, else one sentence about the problem. */
export type Check = () => string | undefined | Promise<string | undefined>;
export type Checks = Readonly<Record<string, Check>>;

/** Serves the result of checks at a path, for a probe of the kubelet. */
export function probe(app: Express, path: string, checks: Checks): void {
  app.get(path, async (_request, response) => {
    const { ok, text } = renderChecks(await runChecks(checks));
    response
      .status(ok ? 200 : 503)
      .type('text/plain')
      .send(text);
  });
}

/** Pure: the body of a probe's answer, one line for each check, and whether all passed. */
function renderChecks(results: Readonly<Record<string, string | undefined>>): {
  readonly ok: boolean;
  readonly text: string;
} {
  const entries = Object.entries(results);
  const lines = entries.map(([name, problem]) => (problem ? `[-] ${name}: ${problem}` : `[+] ${name}`));
  const ok = entries.every(([, problem]) => !problem);
  return { ok, text: [...lines, ok ? 'ok' : 'failed', ''].join('\n') };
}

async function runChecks(checks: Checks): Promise<Record<string, string | undefined>> {
  const results = await Promise.all(
    Object.entries(checks).map(async ([name, check]) => {
      try {
        return [name, await check()] as const;
      } catch (error) {
        return [name, error instanceof Error ? error.message : String(error)] as const;
      }
    }),
  );
  return Object.fromEntries(results);
}

// SPDX-License-Identifier: Apache-2.0
import type { Express } from 'express';
import { type AppliedRules, judge } from './verdict.ts';
import { parseQuestion } from './verdict-question.ts';

/** Serves `GET /verdict`: the verdict of the rules in the kernel on a packet. The request changes nothing. */
export function serveVerdict(app: Express, applied: () => AppliedRules | undefined): void {
  app.get('/verdict', (request, response) => {
    const rules = applied();
    const question = parseQuestion(request.query);
    if (!rules) response.status(503).json({ message: 'nothing is applied yet' });
    else if (typeof question === 'string') response.status(400).json({ message: question });
    else response.json(judge(rules, question));
  });
}

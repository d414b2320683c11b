// SPDX-License-Identifier: Apache-2.0
import type { IncomingMessage } from 'node:http';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { ApiError } from '../../../kube/api-error.ts';
import { createLogger } from '../../../kube/base/log.ts';
import { createTokenAccess } from '../../../kube/token-access.ts';
import type { Transport } from '../../../kube/transport.ts';

interface Body {
  readonly kind: string;
  readonly spec: {
    readonly token?: string;
    readonly audiences?: readonly string[];
    readonly user?: string;
    readonly nonResourceAttributes?: { readonly path: string };
  };
}

let now = 0;
let isAway = false;
/** An API server that knows tokens `<account>` and `heddle.dev:<account>`, and lets `prometheus` get /metrics. */
const request = vi.fn(async (_method: string, _path: string, { body }: { readonly body: Body }) => {
  if (isAway) throw new ApiError({ status: 0, reason: 'Unreachable', message: 'away' });
  const { kind, spec } = body;
  if (kind === 'SubjectAccessReview') {
    const allowed = spec.user === 'prometheus' && spec.nonResourceAttributes?.path === '/metrics';
    return { status: { allowed } };
  }
  const [audience, name] = spec.token?.includes(':') ? spec.token.split(':') : [undefined, spec.token];
  const authenticated = name !== 'unknown' && spec.audiences?.[0] === audience;
  return { status: { authenticated, audiences: spec.audiences, user: { username: name } } };
});

const make = () =>
  createTokenAccess({
    transport: { request } as unknown as Transport,
    clock: { now: () => now, monotonic: () => now, sinceBoot: () => now, after: () => () => {} },
    log: createLogger({ name: 'test', level: 'silent' }),
    name: 'heddle-agent',
  });

function ask(
  headers: Readonly<Record<string, string>>,
  url = '/metrics',
  more: object = {},
): IncomingMessage {
  return { url, headers, socket: { encrypted: true, remoteAddress: '10.0.0.9', ...more } } as never;
}

const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

beforeEach(() => {
  now = 0;
  isAway = false;
  request.mockClear();
});

describe('metrics and traces of an agent (security.md: pod-reads-tenants)', () => {
  test('are answered to a token whose account may get the path, and to no other', async () => {
    const access = make();
    expect(await access.refuse(ask(bearer('prometheus')))).toBeUndefined();
    expect(await access.refuse(ask(bearer('prometheus'), '/trace?from=1'))).toMatchObject({ status: 403 });
    expect(await access.refuse(ask(bearer('stranger')))).toMatchObject({ status: 403 });
    expect(await access.refuse(ask(bearer('unknown')))).toMatchObject({ status: 401 });
    expect(await access.refuse(ask({}))).toMatchObject({ status: 401 });
    expect(await access.refuse(ask({ authorization: 'Basic eA==' }))).toMatchObject({ status: 401 });
    expect(await access.refuse(ask(bearer('prometheus'), '/metrics', { encrypted: false }))).toMatchObject({
      status: 426,
    });
  });

  test('are answered to a token in the header of Heddle, if it is for nobody else', async () => {
    const access = make();
    expect(await access.refuse(ask({ 'heddle-token': 'heddle.dev:prometheus' }))).toBeUndefined();
    expect(await access.refuse(ask({ 'heddle-token': 'prometheus' }))).toMatchObject({ status: 403 });
    expect(await access.refuse(ask(bearer('heddle.dev:prometheus')))).toMatchObject({ status: 401 });
  });

  test('cost the API server two requests a minute for each client', async () => {
    const access = make();
    for (let i = 0; i < 100; i += 1) await access.refuse(ask(bearer('prometheus')));
    expect(request).toHaveBeenCalledTimes(2);
    now = 61_000;
    await access.refuse(ask(bearer('prometheus')));
    expect(request).toHaveBeenCalledTimes(4);
  });

  test('are refused unread to an address that shows one wrong token after another', async () => {
    const access = make();
    const answers = [];
    for (let i = 0; i < 40; i += 1) answers.push((await access.refuse(ask(bearer(`stranger${i}`))))?.status);
    expect(answers.filter((status) => status === 429).length).toBe(30);
    const other = ask(bearer('prometheus'), '/metrics', { remoteAddress: '10.0.0.1' });
    expect(await access.refuse(other)).toBeUndefined();
  });

  test('are readable for whoever read them before while strangers use up the budget of all', async () => {
    const access = make();
    await access.refuse(ask(bearer('prometheus')));
    now = 61_000;
    for (let i = 0; i < 300; i += 1) {
      await access.refuse(ask(bearer(`stranger${i}`), '/metrics', { remoteAddress: `10.1.${i % 250}.9` }));
    }
    expect(await access.refuse(ask(bearer('prometheus')))).toBeUndefined();
  });

  test('stay readable for whoever read them before when the API server is away, and for nobody else', async () => {
    const access = make();
    await access.refuse(ask(bearer('prometheus')));
    isAway = true;
    now = 120_000;
    expect(await access.refuse(ask(bearer('prometheus')))).toBeUndefined();
    expect(await access.refuse(ask(bearer('other')))).toMatchObject({ status: 503 });
    now = 700_000;
    expect(await access.refuse(ask(bearer('prometheus')))).toMatchObject({ status: 503 });
  });
});

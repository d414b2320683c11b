// SPDX-License-Identifier: Apache-2.0
/** The `Status` object with which the API server refuses a request. */
export interface Status {
  readonly kind?: string;
  readonly status?: string;
  readonly code?: number;
  readonly reason?: string;
  readonly message?: string;
  readonly details?: {
    readonly retryAfterSeconds?: number;
    readonly causes?: readonly {
      readonly reason?: string;
      readonly message?: string;
      readonly field?: string;
    }[];
  };
}

export interface ApiErrorOptions {
  readonly status: number;
  readonly reason: string;
  readonly message: string;
  readonly retryAfterMs?: number | undefined;
  readonly cause?: unknown;
}

/**
 * ApiError says why a request failed. Status 0 means that no answer came; `reason` is then Unreachable, Lost, Timeout
 * or Stalled.
 */
export class ApiError extends Error {
  readonly status: number;
  readonly reason: string;
  /** How long the server asks to wait before the next attempt. */
  readonly retryAfterMs: number | undefined;

  constructor(options: ApiErrorOptions) {
    super(options.message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'ApiError';
    this.status = options.status;
    this.reason = options.reason;
    this.retryAfterMs = options.retryAfterMs;
  }
}

/** Pure: the error for a Status object. */
export function parseStatus(status: Status, httpStatus: number, retryAfterMs?: number): ApiError {
  const code = status.code ?? httpStatus;
  const seconds = status.details?.retryAfterSeconds;
  return new ApiError({
    status: code,
    reason: status.reason ?? reasonOf(code),
    message: status.message ?? `the API server answered ${code}`,
    retryAfterMs: retryAfterMs ?? (seconds === undefined ? undefined : seconds * 1000),
  });
}

/** Pure: the error for an answer whose body is a Status, or any text from a proxy. */
export function parseErrorBody(httpStatus: number, body: string, retryAfterHeader?: string): ApiError {
  const seconds = Number(retryAfterHeader);
  const retryAfterMs = retryAfterHeader && Number.isFinite(seconds) ? seconds * 1000 : undefined;
  try {
    const parsed: unknown = JSON.parse(body);
    if (isStatus(parsed)) return parseStatus(parsed, httpStatus, retryAfterMs);
  } catch {
    // The body is not JSON, so its text is the message.
  }
  const message = `the API server answered ${httpStatus}: ${body.slice(0, 300).trim()}`;
  return new ApiError({ status: httpStatus, reason: reasonOf(httpStatus), message, retryAfterMs });
}

export function isStatus(value: unknown): value is Status {
  if (typeof value !== 'object' || value === null) return false;
  // A few answers of the server have no kind (for example for a request that took too long).
  const { kind, status } = value as Status;
  return kind === 'Status' || (kind === undefined && status === 'Failure');
}

/** Whether no answer came. This says nothing about the request, and the server may be back at any moment. */
export function isUnanswered(error: unknown): boolean {
  return error instanceof ApiError && error.status === 0;
}

/** Whether the object does not exist. */
export function isNotFound(error: unknown): boolean {
  return error instanceof ApiError && error.status === 404;
}

/** Whether another writer changed the object since it was read. Read it again, then decide again. */
export function isConflict(error: unknown): boolean {
  return error instanceof ApiError && error.status === 409 && error.reason !== 'AlreadyExists';
}

export function isAlreadyExists(error: unknown): boolean {
  return error instanceof ApiError && error.status === 409 && error.reason === 'AlreadyExists';
}

/** Whether the resourceVersion or continue token is older than what the server keeps. List again. */
export function isGone(error: unknown): boolean {
  return (
    error instanceof ApiError &&
    (error.status === 410 || error.reason === 'Expired' || error.reason === 'Gone')
  );
}

/** Whether the request itself is wrong, so that sending it again will not help. */
export function isInvalid(error: unknown): boolean {
  return error instanceof ApiError && (error.status === 422 || error.status === 400);
}

/**
 * Whether the API server refuses the object as it is: by its schema, a quota, or an admission policy or webhook. A
 * webhook that cannot be called refuses too. Sending it again helps only after somebody has changed something else.
 */
export function isRefused(error: unknown): boolean {
  if (!(error instanceof ApiError)) return false;
  const { status, message } = error;
  return isInvalid(error) || status === 403 || (status === 500 && message.includes('failed calling webhook'));
}

function reasonOf(status: number): string {
  const reasons: Readonly<Record<number, string>> = {
    400: 'BadRequest',
    401: 'Unauthorized',
    403: 'Forbidden',
    404: 'NotFound',
    409: 'Conflict',
    410: 'Gone',
    422: 'Invalid',
    429: 'TooManyRequests',
    503: 'ServiceUnavailable',
    504: 'Timeout',
  };
  return reasons[status] ?? `Http${status}`;
}

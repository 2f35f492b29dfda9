import { QuartermasterError } from '../lib/errors.ts';
import type { ProblemCode } from './openapi/problem-codes.ts';
import type { QuotaExcess } from './policies/judge-quota.ts';

/** One fault of an input. */
export interface InputFault {
  /** JSON pointer (RFC 6901) into the body, or `/<name>` of a query parameter. */
  pointer: string;
  message: string;
}

/**
 * An error that the caller is told about, as problem+json (RFC 9457). The message is shown to the
 * caller, so it never carries a secret or anything of another tenant.
 */
export abstract class ApiError extends QuartermasterError {
  abstract override readonly code: ProblemCode;
  /** The HTTP status. */
  abstract readonly status: number;
  /** Headers that go with the answer. */
  readonly headers: Readonly<Record<string, string>> = {};
  /** The faults of the input, if that is what is wrong. */
  readonly faults: readonly InputFault[] = [];
  /** What else the problem says (RFC 9457 §3.2). */
  readonly members: Readonly<Record<string, unknown>> = {};
}

/** Why a call is not signed in. */
export type UnauthenticatedCode =
  | 'MISSING_CREDENTIALS'
  | 'INVALID_CREDENTIALS'
  | 'INVALID_API_KEY'
  | 'INVALID_TOKEN'
  | 'TOKEN_EXPIRED'
  | 'TOKEN_REVOKED';

/** 401: nobody, or not who they say. */
export class UnauthenticatedError extends ApiError {
  readonly status = 401;
  readonly code: UnauthenticatedCode;
  override readonly headers: Readonly<Record<string, string>>;

  constructor(code: UnauthenticatedCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    // RFC 6750 §3.1: no error code where no token was sent.
    const isToken = code.includes('TOKEN');
    const detail = isToken ? ', error="invalid_token"' : '';
    this.headers = { 'WWW-Authenticate': `Bearer realm="quartermaster"${detail}` };
  }
}

/** 400: the request cannot be read at all. */
export class BadRequestError extends ApiError {
  readonly status = 400;
  readonly code: ProblemCode;

  constructor(message: string, code: ProblemCode = 'BAD_REQUEST', options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** 422: the request can be read, but its fields are wrong. */
export class ValidationFailedError extends ApiError {
  readonly status = 422;
  readonly code = 'VALIDATION_FAILED';
  override readonly faults: readonly InputFault[];

  constructor(faults: readonly InputFault[]) {
    super('The input has faults; see errors.');
    this.faults = faults;
  }
}

/** 403: known, but not allowed. */
export class ForbiddenError extends ApiError {
  readonly status = 403;
  readonly code: ProblemCode;

  constructor(message = 'Your role does not allow this.', code: ProblemCode = 'FORBIDDEN') {
    super(message);
    this.code = code;
  }
}

/** 404: does not exist, or not for the caller. */
export class NotFoundError extends ApiError {
  readonly status = 404;
  readonly code = 'NOT_FOUND';

  constructor(message = 'There is nothing here.') {
    super(message);
  }
}

/** 405: exists, but not with this method. */
export class MethodNotAllowedError extends ApiError {
  readonly status = 405;
  readonly code = 'METHOD_NOT_ALLOWED';
  override readonly headers: Readonly<Record<string, string>>;

  constructor(allowed: readonly string[]) {
    super(`Allowed here: ${allowed.join(', ')}.`);
    this.headers = { Allow: allowed.join(', ') };
  }
}

/** 409: does not fit the present state. */
export class ConflictError extends ApiError {
  readonly status = 409;
  readonly code: ProblemCode;

  constructor(message: string, code: ProblemCode = 'CONFLICT', options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** 409: a quota does not leave room for it. */
export class QuotaExceededError extends ApiError {
  readonly status = 409;
  readonly code = 'QUOTA_EXCEEDED';
  override readonly members: Readonly<Record<string, unknown>>;

  constructor(excess: QuotaExcess) {
    const { limit, scope, quota, used, asked, currency } = excess;
    const unit = currency === undefined ? '' : ` ${currency}`;
    const whose = scope === 'project' ? 'project' : 'organisation';
    super(
      `The quota of the ${whose} for ${limit} is ${quota}: ${used} used, ${asked}${unit} asked for.`,
    );
    this.members = { quota: excess };
  }
}

/** 409: the first call with the same `Idempotency-Key` is still at work. */
export class StillRunningError extends ApiError {
  readonly status = 409;
  readonly code = 'IDEMPOTENCY_KEY_IN_USE';
  override readonly headers = { 'Retry-After': '1' };

  constructor() {
    super('The first call with this Idempotency-Key is still at work; try again soon.');
  }
}

/** 422: the `Idempotency-Key` came with another request before. */
export class IdempotencyKeyReusedError extends ApiError {
  readonly status = 422;
  readonly code = 'IDEMPOTENCY_KEY_REUSED';

  constructor() {
    super('This Idempotency-Key came with another request before; use a new one.');
  }
}

/** 412: `If-Match` names a version that is no longer the present one. */
export class StaleError extends ApiError {
  readonly status = 412;
  readonly code = 'STALE';

  constructor() {
    super('It has changed since you read it; read it again.');
  }
}

/** 413: the body is larger than we read. */
export class BodyTooLargeError extends ApiError {
  readonly status = 413;
  readonly code = 'BODY_TOO_LARGE';

  constructor(limit: number) {
    super(`A body may have at most ${limit} bytes.`);
  }
}

/** 415: the body is not JSON. */
export class UnsupportedMediaTypeError extends ApiError {
  readonly status = 415;
  readonly code = 'UNSUPPORTED_MEDIA_TYPE';
  override readonly headers = { Accept: 'application/json' };

  constructor() {
    super('Send the body as application/json in UTF-8.');
  }
}

/** 428: the change needs `If-Match`. */
export class PreconditionRequiredError extends ApiError {
  readonly status = 428;
  readonly code = 'PRECONDITION_REQUIRED';

  constructor() {
    super('Send If-Match with the ETag of what you decide about.');
  }
}

/** 503: this replica serves as many streams as it can. */
export class TooManyStreamsError extends ApiError {
  readonly status = 503;
  readonly code = 'TOO_MANY_STREAMS';
  override readonly headers = { 'Retry-After': '10' };

  constructor() {
    super('Too many logs are being followed; ask for the text, or try again soon.');
  }
}

/** 503: something that the api needs is away for now. */
export class UnavailableError extends ApiError {
  readonly status = 503;
  readonly code = 'UNAVAILABLE';
  override readonly headers = { 'Retry-After': '5' };
}

/** 429: too many calls, or too many sign-ins that failed. */
export class RateLimitedError extends ApiError {
  readonly status = 429;
  readonly code = 'RATE_LIMITED';
  override readonly headers: Readonly<Record<string, string>>;

  /** @param waitMs how long until another call is served */
  constructor(message: string, waitMs: number) {
    super(message);
    this.headers = { 'Retry-After': String(Math.max(1, Math.ceil(waitMs / 1000))) };
  }
}

/** 503: the call needs mail, and no mail server is configured. Waiting does not help. */
export class MailNotConfiguredError extends ApiError {
  readonly status = 503;
  readonly code = 'MAIL_NOT_CONFIGURED';

  constructor() {
    super('This needs mail, and no mail server is configured: ask the operator to set SMTP_URL.');
  }
}

import { maskText } from '../redaction.ts';
import {
  AlreadyExistsError,
  BadRequestError,
  ConflictError,
  ForbiddenError,
  GoneError,
  InvalidError,
  KubernetesApiError,
  NotFoundError,
  RequestTooLargeError,
  ServerUnavailableError,
  TooManyRequestsError,
  UnauthorizedError,
  type ErrorCause,
  type ErrorDetails,
} from './errors.ts';

/** Longest text of the API server that an error repeats. */
const MESSAGE_LIMIT = 2048;
const CAUSE_LIMIT = 20;
/** A wish to wait longer than this is not believed. */
const RETRY_AFTER_LIMIT_MS = 10 * 60_000;

/** What came back from a call that failed. */
export interface FailedAnswer {
  /** Method and path, for the message. */
  operation: string;
  status: number;
  /** The body: a `metav1.Status`, or anything a proxy on the way put there. */
  body: unknown;
  /** The Retry-After header. */
  retryAfter?: string | undefined;
  /** For a Retry-After that is a date. */
  now: Date;
}

const CLASSES: Readonly<Record<number, new (details: ErrorDetails) => KubernetesApiError>> = {
  400: BadRequestError,
  401: UnauthorizedError,
  403: ForbiddenError,
  404: NotFoundError,
  409: ConflictError,
  410: GoneError,
  413: RequestTooLargeError,
  422: InvalidError,
  429: TooManyRequestsError,
};

/** Turns a failed answer into the error class for it. Only `Status` fields of the body are used. */
export function statusError(answer: FailedAnswer): KubernetesApiError {
  const body = isRecord(answer.body) && answer.body['kind'] === 'Status' ? answer.body : {};
  const details = isRecord(body['details']) ? body['details'] : {};
  const reason = boundedText(body['reason'], 100) || 'Unknown';
  const text = boundedText(body['message'], MESSAGE_LIMIT) || 'no message';
  const fields: ErrorDetails = {
    status: answer.status,
    reason,
    message: `${answer.operation}: ${answer.status} ${reason}: ${text}`,
    retryAfterMs: retryAfterMs(answer.retryAfter, details['retryAfterSeconds'], answer.now),
    causes: readCauses(details['causes']),
  };
  if (answer.status === 409 && reason === 'AlreadyExists') return new AlreadyExistsError(fields);
  const Known = CLASSES[answer.status];
  if (Known) return new Known(fields);
  return answer.status >= 500 ? new ServerUnavailableError(fields) : new KubernetesApiError(fields);
}

/** Retry-After as seconds or as a date (RFC 9110 §10.2.3), else the Status's own field. */
function retryAfterMs(header: string | undefined, seconds: unknown, now: Date): number | undefined {
  const wait = headerWait(header, now) ?? (typeof seconds === 'number' ? seconds * 1000 : NaN);
  if (!Number.isFinite(wait) || wait <= 0) return undefined;
  return Math.min(wait, RETRY_AFTER_LIMIT_MS);
}

function headerWait(header: string | undefined, now: Date): number | undefined {
  if (header === undefined || header === '') return undefined;
  if (/^\d+$/.test(header)) return Number(header) * 1000;
  return Date.parse(header) - now.getTime();
}

function readCauses(value: unknown): ErrorCause[] {
  if (!Array.isArray(value)) return [];
  return value
    .slice(0, CAUSE_LIMIT)
    .filter(isRecord)
    .map((cause) => ({
      reason: boundedText(cause['reason'], 100),
      field: boundedText(cause['field'], 300),
      message: boundedText(cause['message'], 1000),
    }));
}

function boundedText(value: unknown, limit: number): string {
  if (typeof value !== 'string') return '';
  // Masked before it is cut, so that half a secret is not left standing.
  const masked = maskText(value);
  return masked.length > limit ? `${masked.slice(0, limit)}…` : masked;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

import { QuartermasterError } from '../errors.ts';

/** One cause out of `Status.details.causes`, masked and bounded. */
export interface ErrorCause {
  reason: string;
  field: string;
  message: string;
}

/** What an error is made from. */
export interface ErrorDetails {
  /** HTTP status; 0 when there was no answer. */
  status: number;
  /** `reason` of the API server's Status, such as `AlreadyExists`. */
  reason: string;
  /** Method and path, then the API server's own words, masked and bounded. Never headers or bodies. */
  message: string;
  retryAfterMs?: number | undefined;
  causes?: readonly ErrorCause[] | undefined;
  cause?: unknown;
}

/** A call to the Kubernetes API that failed. Callers branch on the class, never on the message. */
export class KubernetesApiError extends QuartermasterError {
  readonly code: string = 'KUBERNETES_API_ERROR';
  readonly status: number;
  readonly reason: string;
  /** How long the server asked us to wait, where it did. */
  readonly retryAfterMs: number | undefined;
  readonly causes: readonly ErrorCause[];

  constructor(details: ErrorDetails) {
    super(details.message, details.cause === undefined ? undefined : { cause: details.cause });
    this.status = details.status;
    this.reason = details.reason;
    this.retryAfterMs = details.retryAfterMs;
    this.causes = details.causes ?? [];
  }

  /** Whether the API server named this cause, such as `NamespaceTerminating`. */
  hasCause(reason: string): boolean {
    return this.causes.some((cause) => cause.reason === reason);
  }
}

/** 400: the request makes no sense to the API server. */
export class BadRequestError extends KubernetesApiError {
  override readonly code = 'KUBERNETES_BAD_REQUEST';
}

/** 401, or credentials that could not be obtained. */
export class UnauthorizedError extends KubernetesApiError {
  override readonly code = 'KUBERNETES_UNAUTHORIZED';
}

/** 403: RBAC or an admission rule says no; also a create in a namespace that is being deleted. */
export class ForbiddenError extends KubernetesApiError {
  override readonly code = 'KUBERNETES_FORBIDDEN';
}

/** 404: the object, its namespace or its kind does not exist. */
export class NotFoundError extends KubernetesApiError {
  override readonly code = 'KUBERNETES_NOT_FOUND';
}

/** 409 AlreadyExists: a create met an object of that name. */
export class AlreadyExistsError extends KubernetesApiError {
  override readonly code = 'KUBERNETES_ALREADY_EXISTS';
}

/** 409: stale resourceVersion, failed precondition, or fields that another manager owns. */
export class ConflictError extends KubernetesApiError {
  override readonly code = 'KUBERNETES_CONFLICT';
}

/** 410: a resourceVersion or continue token that is too old. */
export class GoneError extends KubernetesApiError {
  override readonly code = 'KUBERNETES_GONE';
}

/** 413: the object is larger than the API server takes. */
export class RequestTooLargeError extends KubernetesApiError {
  override readonly code = 'KUBERNETES_REQUEST_TOO_LARGE';
}

/** 422: schema or CEL rules refuse the object; the message and `causes` say which. */
export class InvalidError extends KubernetesApiError {
  override readonly code = 'KUBERNETES_INVALID';
}

/** 429: slow down, by `retryAfterMs`. */
export class TooManyRequestsError extends KubernetesApiError {
  override readonly code = 'KUBERNETES_TOO_MANY_REQUESTS';
}

/** 5xx, or no usable answer at all: the same call may succeed later. */
export class ServerUnavailableError extends KubernetesApiError {
  override readonly code: string = 'KUBERNETES_UNAVAILABLE';
}

/** No connection, or it broke. Whether the call took effect is unknown. */
export class ConnectionError extends ServerUnavailableError {
  override readonly code = 'KUBERNETES_CONNECTION_FAILED';
}

/** No answer in time. Whether the call took effect is unknown. */
export class CallTimeoutError extends ServerUnavailableError {
  override readonly code = 'KUBERNETES_TIMEOUT';
}

/** The client's owner does not let it write any more; nothing was sent. */
export class WriteRefusedError extends KubernetesApiError {
  override readonly code = 'KUBERNETES_WRITE_REFUSED';
}

/** The answer is larger than this client reads. */
export class ResponseTooLargeError extends KubernetesApiError {
  override readonly code = 'KUBERNETES_RESPONSE_TOO_LARGE';
}

import { setImmediate as connectionIsFree } from 'node:timers/promises';
import { request, type Dispatcher } from 'undici';
import { systemClock } from '../clock.ts';
import { toError } from '../errors.ts';
import { currentTrace, formatTraceparent } from '../trace-context.ts';
import { CallLimiter } from './call-limiter.ts';
import type { KubeConnection } from './connection.ts';
import {
  CallTimeoutError,
  ConnectionError,
  KubernetesApiError,
  WriteRefusedError,
} from './errors.ts';
import { readText } from './response-body.ts';
import { statusError } from './status-error.ts';

const ERROR_BODY_LIMIT = 64 * 1024;

/** One HTTP call to the API server. */
export interface Call {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  path: string;
  query?: Record<string, string | number | boolean | undefined> | undefined;
  body?: unknown;
  /** Of the body; `application/json` unless said otherwise. */
  contentType?: string | undefined;
  /** Form of the answer; `application/json` unless said otherwise. */
  accept?: string | undefined;
  timeoutMs: number;
  /** Largest answer that is read, in bytes. */
  responseLimit: number;
  /** Ends the call early, with a ConnectionError. */
  signal?: AbortSignal | undefined;
}

/** A stream of lines, such as a watch. It does not count as a call in flight. */
export interface StreamCall {
  path: string;
  query: Record<string, string | number | boolean | undefined>;
  /** Until the answer begins. */
  timeoutMs: number;
  /** Longest silence. */
  idleTimeoutMs: number;
  signal: AbortSignal;
}

/** Settings of a {@link Transport}. */
export interface TransportOptions {
  maxInFlight: number;
  userAgent: string;
  /** Asked right before every call that changes something. */
  mayWrite?: (() => boolean) | undefined;
}

/** Sends calls: adds credentials, bounds time, size and number, and types the errors. */
export class Transport {
  readonly #connection: KubeConnection;
  readonly #limiter: CallLimiter;
  readonly #userAgent: string;
  readonly #mayWrite: () => boolean;

  constructor(connection: KubeConnection, options: TransportOptions) {
    this.#connection = connection;
    this.#limiter = new CallLimiter(options.maxInFlight);
    this.#userAgent = options.userAgent;
    this.#mayWrite = options.mayWrite ?? (() => true);
  }

  /**
   * Sends a call and gives its body as text.
   *
   * @throws {KubernetesApiError} the subclass for what happened
   */
  async send(call: Call): Promise<string> {
    return this.#limiter.run(async () => {
      const operation = `${call.method} ${call.path}`;
      const deadline = new Deadline(operation, call.timeoutMs);
      const signal = call.signal
        ? AbortSignal.any([call.signal, deadline.signal])
        : deadline.signal;
      try {
        const answer = await this.#open(call, { signal });
        const text = await readText(answer.body, call.responseLimit, operation);
        // The connection is free a moment after its answer was read; a caller that goes on before
        // would get another one, and twice as many connections would stay.
        await connectionIsFree();
        return text;
      } catch (error) {
        throw connectionError(operation, error);
      } finally {
        deadline.clear();
      }
    });
  }

  /**
   * Opens a stream; the caller reads the body, whose errors pass through {@link connectionError}.
   *
   * @throws {KubernetesApiError} when it cannot be opened
   */
  async open(call: StreamCall): Promise<AsyncIterable<Buffer>> {
    const operation = `WATCH ${call.path}`;
    const deadline = new Deadline(operation, call.timeoutMs);
    const signal = AbortSignal.any([call.signal, deadline.signal]);
    try {
      const answer = await this.#open(
        { method: 'GET', path: call.path, query: call.query },
        { signal, bodyTimeout: call.idleTimeoutMs },
      );
      return answer.body;
    } catch (error) {
      throw connectionError(operation, error);
    } finally {
      deadline.clear();
    }
  }

  async #open(
    call: Pick<Call, 'method' | 'path' | 'query' | 'body' | 'contentType' | 'accept'>,
    options: { signal: AbortSignal; bodyTimeout?: number },
  ): Promise<Dispatcher.ResponseData> {
    const access = await this.#connection.access();
    // Here and not earlier: a call may have waited for its turn, or the process may have been paused.
    if (call.method !== 'GET' && !this.#mayWrite()) throw refusedWrite(call);
    const answer = await request(this.#connection.url(call.path), {
      method: call.method,
      dispatcher: access.dispatcher,
      query: definedOnly(call.query ?? {}),
      headers: this.#headers(access.headers, call),
      body: call.body === undefined ? null : JSON.stringify(call.body),
      headersTimeout: 0,
      bodyTimeout: 0,
      ...options,
    });
    if (answer.statusCode >= 200 && answer.statusCode < 300) return answer;
    if (answer.statusCode === 401) this.#connection.forgetCredentials();
    throw await readError(`${call.method} ${call.path}`, answer);
  }

  #headers(
    authentication: Record<string, string>,
    call: Pick<Call, 'body' | 'contentType' | 'accept'>,
  ): Record<string, string> {
    return {
      ...authentication,
      accept: call.accept ?? 'application/json',
      'user-agent': this.#userAgent,
      ...traceHeader(),
      ...(call.body === undefined
        ? {}
        : { 'content-type': call.contentType ?? 'application/json' }),
    };
  }
}

/** Calls that are part of a trace say so. */
function traceHeader(): Record<string, string> {
  const trace = currentTrace();
  return trace ? { traceparent: formatTraceparent(trace) } : {};
}

/** A failure of the network as our own error; our own errors as they are. */
export function connectionError(operation: string, error: unknown): Error {
  if (error instanceof KubernetesApiError) return error;
  const { code } = toError(error) as { code?: unknown };
  const known = typeof code === 'string' ? code : 'UNKNOWN';
  return new ConnectionError({
    status: 0,
    reason: 'ConnectionFailed',
    message: `${operation}: no usable answer (${known})`,
    cause: error,
  });
}

function refusedWrite({ method, path }: Pick<Call, 'method' | 'path'>): WriteRefusedError {
  const message = `${method} ${path}: not sent, this process may not write any more`;
  return new WriteRefusedError({ status: 0, reason: 'WriteRefused', message });
}

/** Aborts with a {@link CallTimeoutError} when the time is over. */
class Deadline {
  readonly #controller = new AbortController();
  readonly #timer: NodeJS.Timeout;

  constructor(operation: string, timeoutMs: number) {
    this.#timer = setTimeout(() => {
      const message = `${operation}: no answer within ${timeoutMs} ms`;
      this.#controller.abort(new CallTimeoutError({ status: 0, reason: 'Timeout', message }));
    }, timeoutMs);
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  clear(): void {
    clearTimeout(this.#timer);
  }
}

async function readError(operation: string, answer: Dispatcher.ResponseData): Promise<Error> {
  const retryAfter = answer.headers['retry-after'];
  return statusError({
    operation,
    status: answer.statusCode,
    body: await readStatusBody(answer),
    retryAfter: typeof retryAfter === 'string' ? retryAfter : undefined,
    now: systemClock.now(),
  });
}

/** The status code alone types the error, so a broken body costs only the message. */
async function readStatusBody(answer: Dispatcher.ResponseData): Promise<unknown> {
  try {
    return JSON.parse(await readText(answer.body, ERROR_BODY_LIMIT, 'error answer')) as unknown;
  } catch {
    return undefined;
  }
}

function definedOnly(
  query: Record<string, string | number | boolean | undefined>,
): Record<string, string> {
  const entries = Object.entries(query).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries.map(([name, value]) => [name, String(value)]));
}

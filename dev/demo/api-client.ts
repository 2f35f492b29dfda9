/** An answer of the api that is not the one that the caller wanted. */
export class UnexpectedAnswer extends Error {
  constructor(method: string, path: string, answer: Answer) {
    super(`${method} ${path} answered ${answer.status}: ${describeProblem(answer.body)}`);
    this.name = 'UnexpectedAnswer';
  }
}

/** An answer as it came. */
export interface Answer {
  status: number;
  etag: string | undefined;
  body: Json;
}

/** A JSON object whose fields the caller knows. */
export type Json = Record<string, unknown>;

/** What a call may carry besides method and path. */
export interface CallOptions {
  body?: Json;
  headers?: Record<string, string>;
}

/** The REST API as one person sees it: base address, access token, JSON in and out. */
export class ApiClient {
  readonly #baseUrl: string;
  #accessToken: string | undefined;

  /** @param baseUrl such as `http://127.0.0.1:8080`, without `/api/v1` */
  constructor(baseUrl: string) {
    this.#baseUrl = baseUrl;
  }

  /** Signs in; further calls carry the token. */
  async signIn(email: string, password: string, organizationId?: string): Promise<void> {
    const answer = await this.expect(200, 'POST', '/auth/login', {
      body: { email, password, ...(organizationId ? { organization_id: organizationId } : {}) },
    });
    this.#accessToken = text(answer.body, 'access_token');
  }

  /** Sends a call and gives whatever comes back. */
  async call(method: string, path: string, options: CallOptions = {}): Promise<Answer> {
    const response = await fetch(`${this.#baseUrl}/api/v1${path}`, {
      method,
      headers: {
        ...(options.body ? { 'content-type': 'application/json' } : {}),
        ...(this.#accessToken ? { authorization: `Bearer ${this.#accessToken}` } : {}),
        ...options.headers,
      },
      ...(options.body ? { body: JSON.stringify(options.body) } : {}),
      signal: AbortSignal.timeout(20_000),
    });
    const raw = await response.text();
    return {
      status: response.status,
      etag: response.headers.get('etag') ?? undefined,
      body: raw === '' ? {} : (JSON.parse(raw) as Json),
    };
  }

  /**
   * Sends a call that must be answered with this status.
   *
   * @throws {UnexpectedAnswer} for any other status
   */
  async expect(
    status: number,
    method: string,
    path: string,
    options: CallOptions = {},
  ): Promise<Answer> {
    const answer = await this.call(method, path, options);
    if (answer.status !== status) throw new UnexpectedAnswer(method, path, answer);
    return answer;
  }
}

/** A text field that must be there. */
export function text(body: Json, field: string): string {
  const value = body[field];
  if (typeof value !== 'string') throw new TypeError(`the answer has no text "${field}"`);
  return value;
}

/** An object field that must be there. */
export function object(body: Json, field: string): Json {
  const value = body[field];
  if (typeof value !== 'object' || value === null) {
    throw new TypeError(`the answer has no object "${field}"`);
  }
  return value as Json;
}

/** The items of a list answer. */
export function items(body: Json): Json[] {
  const value = body['items'];
  if (!Array.isArray(value)) throw new TypeError('the answer is no list');
  return value as Json[];
}

/** `CODE: detail (pointer: message, …)` of a problem document, or the fields of anything else. */
export function describeProblem(body: Json): string {
  if (typeof body['code'] !== 'string') {
    return `a body with ${Object.keys(body).join(', ') || 'nothing'}`;
  }
  const faults = Array.isArray(body['errors']) ? (body['errors'] as Json[]) : [];
  const listed = faults.map((fault) => `${String(fault['pointer'])}: ${String(fault['message'])}`);
  const detail = typeof body['detail'] === 'string' ? body['detail'] : String(body['title']);
  return `${body['code']}: ${detail}${listed.length > 0 ? ` (${listed.join('; ')})` : ''}`;
}

import { expect } from 'chai';
import type { Contract } from './contract.ts';

/** An answer of the api. */
export interface Answer<T = Record<string, unknown>> {
  status: number;
  headers: Headers;
  body: T;
}

/** What a test sends besides method and path. */
export interface Sending {
  body?: unknown;
  headers?: Record<string, string>;
}

/** A client that speaks JSON, perhaps signed in; it holds every answer against the contract. */
export class TestClient {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;

  private readonly contract: Contract | undefined;

  constructor(url: string, headers: Record<string, string> = {}, contract?: Contract) {
    this.url = url;
    this.headers = headers;
    this.contract = contract;
  }

  /** The same client with a token, or other headers. */
  with(headers: Record<string, string>): TestClient {
    return new TestClient(this.url, { ...this.headers, ...headers }, this.contract);
  }

  /** The same client, signed in. */
  withToken(token: string): TestClient {
    return this.with({ authorization: `Bearer ${token}` });
  }

  async send<T = Record<string, unknown>>(
    method: string,
    path: string,
    sending: Sending = {},
  ): Promise<Answer<T>> {
    const hasBody = sending.body !== undefined;
    const url = new URL(path, this.url);
    const response = await fetch(url, {
      method,
      headers: {
        ...this.headers,
        ...(hasBody ? { 'content-type': 'application/json' } : {}),
        ...sending.headers,
      },
      ...(hasBody
        ? { body: typeof sending.body === 'string' ? sending.body : JSON.stringify(sending.body) }
        : {}),
    });
    const text = await response.text();
    const isJson = /json(?!l)/.test(response.headers.get('content-type') ?? '');
    const body = (isJson ? JSON.parse(text) : text) as T;
    const type = (response.headers.get('content-type') ?? '').split(';')[0]!.trim();
    this.contract?.check({ method, path: url.pathname, status: response.status, type, body });
    return { status: response.status, headers: response.headers, body };
  }

  get<T = Record<string, unknown>>(path: string, sending?: Sending): Promise<Answer<T>> {
    return this.send<T>('GET', path, sending);
  }

  post<T = Record<string, unknown>>(
    path: string,
    body?: unknown,
    sending: Sending = {},
  ): Promise<Answer<T>> {
    return this.send<T>('POST', path, { ...sending, body });
  }

  patch<T = Record<string, unknown>>(
    path: string,
    body: unknown,
    sending: Sending = {},
  ): Promise<Answer<T>> {
    return this.send<T>('PATCH', path, { ...sending, body });
  }

  delete<T = Record<string, unknown>>(path: string, sending?: Sending): Promise<Answer<T>> {
    return this.send<T>('DELETE', path, sending);
  }
}

/** Checks that an answer is this problem, in the form of RFC 9457, and gives it. */
export function expectProblem(
  answer: Answer<unknown>,
  status: number,
  code: string,
): { errors?: { pointer: string; message: string }[]; detail: string } {
  expect(answer.status, JSON.stringify(answer.body)).to.equal(status);
  expect(answer.headers.get('content-type')).to.match(/^application\/problem\+json/);
  expect(answer.body).to.include({ status, code });
  expect(answer.body).to.include.keys('type', 'title', 'detail', 'instance');
  return answer.body as { errors?: { pointer: string; message: string }[]; detail: string };
}

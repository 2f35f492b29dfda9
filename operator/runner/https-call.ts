import { request, type Agent } from 'node:https';
import type { IncomingMessage } from 'node:http';

/** No answer is longer: a state, or a plan in base64, of which the run API takes 128 MiB. */
const ANSWER_LIMIT = 192 * 1024 * 1024;
const TIMEOUT_MS = 60_000;

/** One call. */
export interface HttpsCall {
  method: 'GET' | 'POST' | 'DELETE' | 'LOCK';
  url: string;
  headers: Record<string, string>;
  body?: string | Buffer | undefined;
  agent: Agent;
}

/** What came back, whatever its status. */
export interface HttpsAnswer {
  status: number;
  text: string;
}

/** Sends one call over TLS. @throws whatever the network throws */
export function sendCall(call: HttpsCall): Promise<HttpsAnswer> {
  return new Promise((resolve, reject) => {
    const { method, headers, agent, body } = call;
    const options = { method, headers, agent, timeout: TIMEOUT_MS };
    const outgoing = request(call.url, options, (answer) => {
      readAnswer(answer).then(resolve, reject);
    });
    outgoing.on('timeout', () => outgoing.destroy(new Error('no answer in time')));
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}

async function readAnswer(answer: IncomingMessage): Promise<HttpsAnswer> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of answer as AsyncIterable<Buffer>) {
    size += part.length;
    if (size > ANSWER_LIMIT) throw new Error('the answer is too long');
    parts.push(part);
  }
  return { status: answer.statusCode ?? 0, text: Buffer.concat(parts).toString('utf8') };
}

import { Agent, request } from 'undici';
import { expect } from 'chai';
import { ApiServer } from '../../../api/server.ts';

describe('the server of the api', () => {
  let server: ApiServer;
  let agent: Agent;
  let url: string;

  beforeEach(async () => {
    server = new ApiServer();
    server.serve((_request, response) => void response.end('ok'));
    url = `http://127.0.0.1:${await server.listen({ host: '127.0.0.1', port: 0 })}`;
    agent = new Agent({ connections: 1, pipelining: 1 });
  });
  afterEach(async () => {
    await agent.destroy();
    await server.close();
  });

  async function ask(): Promise<string | undefined> {
    const answer = await request(url, { dispatcher: agent });
    expect(await answer.body.text()).to.equal('ok');
    return answer.headers['connection']?.toString();
  }

  it('keeps the connections of its clients', async () => {
    expect(await ask()).to.equal('keep-alive');
  });

  it('answers on a kept connection while it ends, and asks the client to go', async () => {
    await ask();
    const closing = server.close({ drainMs: 200 });
    expect(await ask()).to.equal('close');
    await closing;
  });

  it('finishes what is in progress before it ends', async () => {
    let finish = (): void => undefined;
    const began = new Promise<void>((resolve) => {
      server.serve((_request, response) => {
        finish = () => void response.end('ok');
        resolve();
      });
    });
    const answer = ask();
    await began;
    const closing = server.close();
    finish();
    expect(await answer).to.equal('close');
    await closing;
  });

  it('takes nothing new when it has ended', async () => {
    await server.close();
    const outcome = await ask().catch((error: unknown) => (error as { code?: string }).code);
    expect(outcome).to.equal('ECONNREFUSED');
  });
});

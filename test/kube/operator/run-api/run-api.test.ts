import { createHmac, randomUUID } from 'node:crypto';
import { request as send } from 'node:https';
import { expect } from 'chai';
import type { ResourceRun } from '../../../../crds/resource-run.ts';
import { RESOURCE_RUNS } from '../../../../crds/resource-types.ts';
import { systemClock } from '../../../../lib/clock.ts';
import { describeLog } from '../../../../operator/run-api/describe-log.ts';
import type { RunAccess, RunSpec } from '../../../../operator/terraform/run-contract.ts';
import { openRunAccess } from '../../../../operator/run-api/run-access.ts';
import { useTestCluster } from '../../../support/kube/test-cluster.ts';
import { RunWorld, trivialClass, type FakeRequest } from '../../../support/runs/run-world.ts';

/** What a token says that was not issued by us. */
const claims = {
  run: 'run-x',
  uid: 'x',
  iss: 'quartermaster-operator',
  aud: 'quartermaster-run-api',
  exp: 4_000_000_000,
};

interface Answer {
  status: number;
  text: string;
}

describe('The run API in front of a real API server', () => {
  const cluster = useTestCluster();
  let world: RunWorld;
  let request: FakeRequest;
  let run: ResourceRun;
  let access: RunAccess;

  before(async () => {
    world = await RunWorld.open(cluster.client, await cluster.createNamespace());
  });
  after(() => world.close());
  beforeEach(async () => {
    request = await world.createRequest();
    run = await world.createRun(request);
    access = await world.access.issueRunAccess(run);
  });

  /** One call, as the runner or the engine would make it. */
  function call(
    method: string,
    path: string,
    options: { body?: string | Buffer; authorization?: string; headers?: object } = {},
  ): Promise<Answer> {
    const { body, authorization = basic('one', access.token), headers } = options;
    const url = `${access.url}/v1/runs/${access.run}${path}`;
    return new Promise((resolve, reject) => {
      const outgoing = send(
        url,
        { method, ca: access.ca, headers: { ...headers, Authorization: authorization } },
        (incoming) => {
          let text = '';
          incoming.on('data', (part: Buffer) => (text += part.toString()));
          incoming.on('end', () => resolve({ status: incoming.statusCode ?? 0, text }));
        },
      );
      outgoing.on('error', reject);
      outgoing.end(body);
    });
  }

  const start = (instance: string): Promise<Answer> =>
    call('POST', '/start', {
      body: JSON.stringify({ instance }),
      authorization: basic(instance, access.token),
    });

  const report = (result: object, instance = 'one'): Promise<Answer> =>
    call('POST', '/result', {
      body: JSON.stringify(result),
      authorization: basic(instance, access.token),
    });

  const succeeded = { outcome: 'succeeded', outputs: { values: { id: '1' }, sensitive: [] } };

  describe('refuses', () => {
    const forged = [
      ['no token at all', ''],
      ['a token that is none', 'Bearer nonsense'],
      ['a token without a signature', `Bearer ${unsignedToken()}`],
      ['a token signed with another key', `Bearer ${signedToken('another key, long enough')}`],
      ['a strange process name', basic('one two', 'x')],
    ] as const;
    for (const [title, authorization] of forged) {
      it(`${title} with 401`, async () => {
        expect((await call('GET', '', { authorization })).status).to.equal(401);
      });
    }

    it('a changed token with 401', async () => {
      const authorization = basic('one', `${access.token.slice(0, -4)}AAAA`);
      expect((await call('GET', '', { authorization })).status).to.equal(401);
    });

    it('an expired token with 401', async () => {
      const { name, uid } = run.metadata;
      const longAgo = new Date(Date.now() - 60_000);
      const token = await world.access.tokens.issue({ run: name, uid: uid ?? '' }, longAgo, 10);
      const authorization = basic('one', token);
      expect((await call('GET', '', { authorization })).status).to.equal(401);
    });

    it('the token of another run with 403', async () => {
      const other = await world.access.issueRunAccess(await world.createRun(request));
      const authorization = basic('one', other.token);
      for (const path of ['', '/state']) {
        expect((await call('GET', path, { authorization })).status).to.equal(403);
      }
    });

    it('the token of a run of the same name that is gone with 410', async () => {
      const { name } = run.metadata;
      const token = await world.access.tokens.issue(
        { run: name, uid: randomUUID() },
        new Date(),
        60,
      );
      const authorization = basic('one', token);
      world.remembered.set(name, run);
      expect((await call('GET', '', { authorization })).status).to.equal(410);
      expect((await call('GET', '/state', { authorization })).status).to.equal(410);
    });

    it('everything with 410 once the run has finished', async () => {
      await start('one');
      expect((await report(succeeded)).status).to.equal(204);
      expect((await call('GET', '')).status).to.equal(410);
      expect((await call('POST', '/state', { body: '{}' })).status).to.equal(410);
      expect((await report(succeeded)).status).to.equal(410);
    });

    it('everything once the run has finished, also where it has not heard of that yet', async () => {
      world.remembered.set(run.metadata.name, run);
      await start('one');
      expect((await call('POST', '/state', { body: '{}' })).status).to.equal(200);
      expect((await report(succeeded)).status).to.equal(204);
      expect((await call('GET', '/state')).status).to.equal(409);
      expect((await call('POST', '/state', { body: '{}' })).status).to.equal(409);
      expect((await call('LOCK', '/state/lock', { body: '{}' })).status).to.equal(423);
      expect((await call('GET', '')).status).to.equal(410);
      expect((await start('one')).status).to.equal(410);
      expect((await report(succeeded)).status).to.equal(410);
    });

    it('a second process of the run with 409, and its result too', async () => {
      expect((await start('one')).status).to.equal(200);
      expect((await start('one')).status).to.equal(200);
      expect((await start('two')).status).to.equal(409);
      const failure = { type: 'Internal', message: 'x' };
      expect((await report({ outcome: 'failed', failure }, 'two')).status).to.equal(409);
    });

    it('a run whose state another run holds with 423', async () => {
      await world.stores.lock.acquire(request.uid, { run: 'run-before', instance: 'a' });
      const answer = await start('one');
      expect(answer.status).to.equal(423);
      expect(answer.text).to.contain('run-before');
      expect((await call('LOCK', '/state/lock', { body: '{}' })).status).to.equal(423);
      expect((await report(succeeded)).status).to.equal(409);
    });

    it('to read or write the state without a start with 409', async () => {
      expect((await call('GET', '/state')).status).to.equal(409);
      expect((await call('POST', '/state', { body: '{}' })).status).to.equal(409);
    });

    it('a state that was harmed on its way with 400', async () => {
      await start('one');
      const headers = { 'Content-MD5': 'AAAAAAAAAAAAAAAAAAAAAA==' };
      expect((await call('POST', '/state', { body: '{}', headers })).status).to.equal(400);
      expect((await call('GET', '/state')).status).to.equal(204);
    });

    it('a body that is too long with 413', async () => {
      const body = Buffer.alloc(2 * 1024 * 1024, 'x');
      expect((await call('POST', '/log?sequence=0', { body })).status).to.equal(413);
    });

    const bodies = [
      ['text that is not JSON', 'nonsense'],
      [
        'a success with a failure',
        { outcome: 'succeeded', failure: { type: 'Quota', message: '' } },
      ],
      ['a failure without its type', { outcome: 'failed' }],
      ['unknown fields', { outcome: 'succeeded', extra: 1 }],
    ] as const;
    for (const [title, body] of bodies) {
      it(`a result of ${title} with 400, and says nothing of its values`, async () => {
        await start('one');
        const answer = await call('POST', '/result', {
          body: typeof body === 'string' ? body : JSON.stringify(body),
        });
        expect(answer.status).to.equal(400);
        expect(answer.text).not.to.contain('nonsense');
      });
    }

    it('paths that do not exist with 404', async () => {
      expect((await call('GET', '/elsewhere')).status).to.equal(404);
    });
  });

  it('says what is to be done, with defaults, placeholders and generated values filled in', async () => {
    const answer = await call('GET', '');
    expect(answer.status).to.equal(200);
    const spec = JSON.parse(answer.text) as RunSpec;
    const { password, ...variables } = spec.variables;
    expect(variables).to.deep.equal({ name: 'orders', text: 'hello', seconds: 0, fail: false });
    expect(password).to.match(/^[A-Za-z0-9]{32}$/);
    expect(spec.sensitiveVariables).to.deep.equal(['password']);
    expect(spec.masks).to.deep.equal([password]);
    expect(spec.module).to.deep.equal(trivialClass.module);
    expect(JSON.parse((await call('GET', '')).text)).to.deep.equal(spec);
  });

  it('takes the slugs from the labels of the namespace', async () => {
    const variables = { name: '${organization.slug}/${project.slug}/${request.namespace}' };
    run = await world.createRun(request, { classSpec: { ...trivialClass, variables } });
    access = await world.access.issueRunAccess(run);
    const spec = JSON.parse((await call('GET', '')).text) as RunSpec;
    expect(spec.variables['name']).to.equal(`acme/shop/${request.namespace}`);
  });

  it('explains with 422 why a run cannot be composed', async () => {
    run = await world.createRun(request, { parameters: { text: 'x'.repeat(101) } });
    access = await world.access.issueRunAccess(run);
    const answer = await call('GET', '');
    expect(answer.status).to.equal(422);
    expect(answer.text).to.contain('/text must NOT have more than 100 characters');
  });

  it('composes a destroy although the parameters no longer fit', async () => {
    const parameters = { text: 'x'.repeat(101) };
    run = await world.createRun(request, { action: 'Destroy', parameters });
    access = await world.access.issueRunAccess(run);
    expect((await call('GET', '')).status).to.equal(200);
  });

  it('confirms to the engine without a body, which it would leave unread on its connection', async () => {
    await start('one');
    const answers = [
      await call('LOCK', '/state/lock', { body: '{}' }),
      await call('POST', '/state', { body: '{"version":4}' }),
      await call('UNLOCK', '/state/lock', { body: '{}' }),
    ];
    expect(answers).to.deep.equal(Array(3).fill({ status: 200, text: '' }));
  });

  it('records a result: outputs, status, lock', async () => {
    await start('one');
    const changes = { add: 1, change: 2, destroy: 3 };
    expect((await report({ ...succeeded, changes })).status).to.equal(204);
    const { status } = await world.readRun(run);
    expect(status?.changes).to.deep.equal(changes);
    expect(status?.conditions?.[0]).to.include({ type: 'Succeeded', status: 'True' });
    expect(await world.stores.outputs.read(request.uid)).to.deep.equal({ id: '1' });
    expect(await world.stores.lock.findHolder(request.uid)).to.equal(undefined);
  });

  it('logs start and end of a run under its name and that of its request, without its values', async () => {
    world.log.lines.length = 0;
    await start('one');
    await report({ outcome: 'failed', failure: { type: 'Quota', message: 'pa55word' } });
    const { namespace, name } = run.spec.requestRef;
    const ids = {
      run: run.metadata.name,
      request: `${namespace}/${name}`,
      requestUid: request.uid,
    };
    const said = world.log.lines.filter(({ message }) => /^run (started|reported)$/.test(message));
    for (const { fields } of said) expect(fields).to.include(ids);
    expect(said.map(({ fields }) => fields['failure'])).to.deep.equal([undefined, 'Quota']);
    expect(JSON.stringify(world.log.lines)).not.to.include('pa55word');
  });

  it('keeps the end of the log that comes with a result, and then the log is complete', async () => {
    await start('one');
    expect((await call('POST', '/log?sequence=0', { body: 'begun\n' })).status).to.equal(204);
    const answer = await report({ ...succeeded, log: { sequence: 1, text: 'done\n' } });
    expect(answer.status).to.equal(204);
    const { lines, isComplete } = await world.stores.logs.read(describeLog(run));
    expect(lines.map(({ text }) => text)).to.deep.equal(['begun', 'done']);
    expect(isComplete).to.equal(true);
  });

  it('keeps the verdict of the operator when that came first', async () => {
    await start('one');
    const conditions = [
      {
        type: 'Succeeded',
        status: 'False',
        reason: 'Interrupted',
        message: 'the pod is gone',
        lastTransitionTime: new Date().toISOString(),
      },
    ];
    await cluster.client.mergePatch(
      RESOURCE_RUNS,
      run.metadata,
      { status: { conditions } },
      { subresource: 'status' },
    );
    expect((await report(succeeded)).status).to.equal(410);
    expect((await world.readRun(run)).status?.conditions?.[0]?.reason).to.equal('Interrupted');
    expect(await world.stores.outputs.read(request.uid)).to.equal(undefined);
  });

  it('keeps its authority over a restart, and takes a new certificate for a new address', async () => {
    const common = { client: cluster.client, namespace: world.namespace, clock: systemClock };
    const again = await openRunAccess({ ...common, url: 'https://127.0.0.1:1' });
    const moved = await openRunAccess({ ...common, url: 'https://run-api.example:1' });
    expect(again.server).to.deep.equal(world.access.server);
    expect(moved.server.certificate).not.to.equal(world.access.server.certificate);
    expect((await moved.issueRunAccess(run)).ca).to.equal(access.ca);
  });
});

function basic(instance: string, token: string): string {
  return `Basic ${Buffer.from(`${instance}:${token}`).toString('base64')}`;
}

function encode(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

function unsignedToken(): string {
  return `${encode({ alg: 'none', typ: 'quartermaster-run+jwt' })}.${encode(claims)}.`;
}

function signedToken(key: string): string {
  const content = `${encode({ alg: 'HS256', typ: 'quartermaster-run+jwt' })}.${encode(claims)}`;
  return `${content}.${createHmac('sha256', key).update(content).digest('base64url')}`;
}

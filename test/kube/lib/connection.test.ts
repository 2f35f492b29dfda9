import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { readFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect } from 'chai';
import { parse, stringify } from 'yaml';
import type { KubeClient } from '../../../lib/kube/client.ts';
import { createKubeClient } from '../../../lib/kube/create-kube-client.ts';
import {
  CallTimeoutError,
  ConnectionError,
  TooManyRequestsError,
  UnauthorizedError,
} from '../../../lib/kube/errors.ts';
import { RESOURCE_TYPES } from '../../../lib/kube/resource-types.ts';
import { FaultProxy, type Fault } from '../../support/kube/fault-proxy.ts';
import { useTestCluster } from '../../support/kube/test-cluster.ts';
import { rejection } from '../../support/rejection.ts';

const { namespaces } = RESOURCE_TYPES;
/** What undici says when a connection was made. */
const CONNECTED = 'undici:client:connected';

describe('the connection of a KubeClient', () => {
  const cluster = useTestCluster();
  const clients: KubeClient[] = [];
  let directory: string;

  beforeEach(() => (directory = mkdtempSync(path.join(tmpdir(), 'quartermaster-test-'))));
  afterEach(async () => {
    await Promise.all(clients.splice(0).map((client) => client.close()));
    rmSync(directory, { recursive: true });
  });

  function connect(options: Parameters<typeof createKubeClient>[0]): KubeClient {
    const client = createKubeClient(options);
    clients.push(client);
    return client;
  }

  /** A client as somebody else, on the same cluster. */
  function connectAs(user: object): KubeClient {
    const config = parse(readFileSync(cluster.kubeconfig, 'utf8')) as { users: { user: object }[] };
    config.users[0]!.user = user;
    const kubeconfig = path.join(directory, 'kubeconfig');
    writeFileSync(kubeconfig, stringify(config));
    return connect({ kubeconfig });
  }

  function plugin(program: string): object {
    const file = path.join(directory, 'plugin.mjs');
    writeFileSync(file, program);
    const apiVersion = 'client.authentication.k8s.io/v1';
    const exec = { apiVersion, command: process.execPath, args: [file], interactiveMode: 'Never' };
    return { exec };
  }

  it('tells a stranger that it is unauthorized, without repeating the token', async () => {
    const error = await rejection(connectAs({ token: 'planted-token' }).list(namespaces));
    expect(error).to.be.instanceOf(UnauthorizedError);
    expect(JSON.stringify([error.message, error])).not.to.contain('planted-token');
  });

  it('does not repeat what a failing credentials plug-in writes', async () => {
    const client = connectAs(plugin('console.error("planted-secret"); process.exit(1)'));
    const error = await rejection(client.list(namespaces));
    expect(error).to.be.instanceOf(UnauthorizedError);
    expect(error).to.have.property('reason', 'CredentialsUnavailable');
    expect(String(error.stack)).not.to.contain('planted-secret');
  });

  it('uses the certificate that a credentials plug-in gives', async () => {
    const { certificate, key } = await cluster.controlPlane.pki.issue({
      commonName: 'plugged-in',
      organization: 'system:masters',
    });
    const status = { clientCertificateData: certificate, clientKeyData: key };
    const credential = JSON.stringify({ kind: 'ExecCredential', status });
    const client = connectAs(plugin(`console.log(${JSON.stringify(credential)})`));
    expect((await client.list(namespaces)).length).to.be.greaterThan(0);
  });

  it('says that nobody answers', async () => {
    const config = readFileSync(cluster.kubeconfig, 'utf8').replace(
      /127\.0\.0\.1:\d+/,
      '127.0.0.1:1',
    );
    const kubeconfig = path.join(directory, 'kubeconfig');
    writeFileSync(kubeconfig, config);
    const error = await rejection(connect({ kubeconfig }).serverVersion());
    expect(error).to.be.instanceOf(ConnectionError);
    expect(error.message).to.equal('GET /version: no usable answer (ECONNREFUSED)');
  });

  it('makes no more connections than there are calls at once', async () => {
    const client = connect({ kubeconfig: cluster.kubeconfig });
    let connections = 0;
    const count = (): void => void (connections += 1);
    subscribe(CONNECTED, count);
    const caller = async (): Promise<void> => {
      for (let call = 0; call < 25; call += 1) await client.list(namespaces);
    };
    await Promise.all(Array.from({ length: 8 }, caller));
    unsubscribe(CONNECTED, count);
    expect(connections).to.be.within(1, 8);
  });

  describe('through a proxy that breaks calls', () => {
    let proxy: FaultProxy;

    beforeEach(async () => {
      proxy = await FaultProxy.start(cluster.controlPlane);
    });
    afterEach(() => proxy.stop());

    /** Short of patience only where it is to be lost: a busy machine answers late, too. */
    function connectThrough(timeoutMs: number): KubeClient {
      return connect({ kubeconfig: proxy.writeKubeconfig(), timeoutMs });
    }

    const faults: [string, Fault, new (...details: never[]) => Error][] = [
      ['a call that hangs', { kind: 'hang' }, CallTimeoutError],
      ['an answer whose body never comes', { kind: 'mute' }, CallTimeoutError],
      ['a reset', { kind: 'reset' }, ConnectionError],
      ['half an answer', { kind: 'truncate', bytes: 5 }, ConnectionError],
      ['something that is no JSON', { kind: 'text', text: '<html>' }, ConnectionError],
      ['something that is no object', { kind: 'text', text: '{}' }, ConnectionError],
      [
        'a full server',
        { kind: 'status', status: 429, headers: { 'retry-after': '7' } },
        TooManyRequestsError,
      ],
    ];
    for (const [what, fault, expected] of faults) {
      it(`types ${what} as ${expected.name}, and works again after it`, async () => {
        const client = connectThrough(expected === CallTimeoutError ? 1_000 : 15_000);
        proxy.decide = () => fault;
        const error = await rejection(client.get(namespaces, { name: 'default' }));
        expect(error.constructor).to.equal(expected);
        proxy.decide = () => undefined;
        expect(await client.get(namespaces, { name: 'default' })).to.have.property('metadata');
      });
    }

    it('gives the time that a full server asks for', async () => {
      proxy.decide = () => ({ kind: 'status', status: 429, headers: { 'retry-after': '7' } });
      const error = await rejection(connectThrough(15_000).list(namespaces));
      expect(error).to.have.property('retryAfterMs', 7000);
    });

    it('never has more calls in flight than allowed', async () => {
      proxy.decide = () => ({ kind: 'hang' });
      const few = connect({
        kubeconfig: proxy.writeKubeconfig(),
        timeoutMs: 1_500,
        maxInFlight: 3,
      });
      const calls = Array.from({ length: 6 }, () => rejection(few.serverVersion()));
      await new Promise((resolve) => setTimeout(resolve, 750));
      expect(proxy.calls).to.have.length(3);
      await Promise.all(calls);
      expect(proxy.calls).to.have.length(6);
    });
  });
});

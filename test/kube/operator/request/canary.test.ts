import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect } from 'chai';
import { request } from 'undici';
import { findFreePort } from '../../../../dev/processes/free-port.ts';
import { systemClock } from '../../../../lib/clock.ts';
import type { KubeObject, Secret } from '../../../../lib/kube/objects.ts';
import { openStores } from '../../../../operator/state/stores.ts';
import type { RunAccess } from '../../../../operator/terraform/run-contract.ts';
import { CanarySearch, type CanaryFinding } from '../../../support/faults/canary-search.ts';
import { CarelessLife, GENERATED } from '../../../support/faults/careless-life.ts';
import { FaultWorld } from '../../../support/faults/fault-world.ts';
import { ObjectRecorder } from '../../../support/faults/object-recorder.ts';
import { plantSecrets } from '../../../support/faults/planted-secrets.ts';
import { useTestCluster } from '../../../support/kube/test-cluster.ts';
import { realRunner } from '../../../support/pods/real-runner.ts';
import { findTofu } from '../../../support/runs/find-tofu.ts';
import {
  createProviderMirror,
  type ProviderMirror,
} from '../../../support/runs/provider-mirror.ts';
import type { RunnerProcess } from '../../../support/runs/runner-process.ts';

/** What a Service Binding says about itself. */
const PUBLIC_KEYS = ['type', 'provider'];

describe('twenty planted secrets and a module that prints them all', function () {
  this.timeout(10 * 60_000);
  const cluster = useTestCluster();
  const planted = plantSecrets();
  /** Names by values: what is secret, as far as it is known by now. */
  const secrets = new Map(planted.canaries.map(({ name, value }) => [value, name]));
  const runners: RunnerProcess[] = [];
  const metrics: string[] = [];
  const folder = mkdtempSync(path.join(tmpdir(), 'quartermaster-test-canary-'));
  const terminationFile = path.join(folder, 'termination-log');
  let mirror: ProviderMirror;
  let faults: FaultWorld;
  let recorder: ObjectRecorder;
  let life: CarelessLife;
  let metricsPort: number;

  before('play the life of a request', async () => {
    mirror = await createProviderMirror();
    metricsPort = await findFreePort('127.0.0.1');
    const start = realRunner({
      tofu: await findTofu(),
      environment: {
        ...mirror.environment,
        KUBE_CONFIG_PATH: cluster.kubeconfig,
        TERMINATION_FILE: terminationFile,
      },
      onStart: (runner) => runners.push(runner),
    });
    const environment = { METRICS_PORT: String(metricsPort), LOG_LEVEL: 'debug' };
    faults = await FaultWorld.start(cluster, { start, environment });
    recorder = new ObjectRecorder(cluster.client, Object.values(faults.world.namespaces));
    await recorder.start();
    const { world } = faults;
    const module = path.join(folder, 'module');
    life = new CarelessLife({ world, planted, folder: module, describe: whatWasSaid });
    await life.liveUntilRotation();
    await learnSecrets('first');
    await life.rotate();
    await learnSecrets('second');
    await life.liveToTheEnd();
    learnTokens();
  });
  after(async () => {
    await recorder.stop();
    await faults.stop();
    mirror.remove();
    rmSync(folder, { recursive: true, force: true });
  });

  /** What the platform and the module have made is secret as well. */
  async function learnSecrets(round: string): Promise<void> {
    const { client, namespaces } = faults.world;
    const stores = await openStores({ client, namespace: namespaces.runs, clock: systemClock });
    const { values } = await stores.generated.obtain(life.uid, GENERATED);
    const made = { ...(await life.readCredentials()), ...values };
    for (const [name, value] of Object.entries(made)) {
      if (!PUBLIC_KEYS.includes(name)) secrets.set(value, `${round} ${name}`);
    }
    const answer = await request(`http://127.0.0.1:${metricsPort}/metrics`);
    metrics.push(await answer.body.text());
  }

  /** Each run has a token, which stands in the one file of its pod. */
  function learnTokens(): void {
    for (const file of recorder.versions.flatMap(readAccessFile)) {
      const { run, token } = JSON.parse(file) as RunAccess;
      secrets.set(token, `token of ${run}`);
    }
  }

  function readAccessFile(object: KubeObject): string[] {
    const text = (object as Secret).data?.['run.json'];
    return text === undefined ? [] : [Buffer.from(text, 'base64').toString()];
  }

  function whatWasSaid(): string {
    const texts = runners.map((runner) => runner.output()).join('\n---\n');
    return `${faults.describe()}\n${texts.slice(-12_000)}`;
  }

  function find(look: (search: CanarySearch) => void): CanaryFinding[] {
    const search = new CanarySearch([...secrets].map(([value, name]) => ({ name, value })));
    look(search);
    return search.findings;
  }

  const placeOf = ({ kind, metadata }: KubeObject): string => `${kind} ${metadata.name}`;

  /** Secrets that people or the platform read in plain: of those alone nothing is asked. */
  function mayHold({ kind, metadata }: KubeObject): boolean {
    if (kind !== 'Secret') return false;
    const isOfProject = metadata.namespace === faults.world.namespaces.project;
    return isOfProject || metadata.name.startsWith('provider-');
  }

  it('are at least twenty, and printed', () => {
    expect(secrets.size).to.be.at.least(20);
    const said = runners.map((runner) => runner.output()).join('\n');
    expect(said).to.include('login failed with (sensitive value)');
    expect(said).to.include('refused: (sensitive value)');
  });

  it('do not appear in what a runner writes', () => {
    for (const [index, runner] of runners.entries()) {
      expect(find((search) => search.text(`runner ${index}`, runner.output()))).to.deep.equal([]);
    }
    const termination = existsSync(terminationFile) ? readFileSync(terminationFile, 'utf8') : '';
    expect(find((search) => search.text('termination message', termination))).to.deep.equal([]);
  });

  it('do not appear in what the operator logs and measures', () => {
    const { output } = faults.operator;
    expect(output).to.include('run reported').and.include('failed');
    expect(find((search) => search.text('log of the operator', output))).to.deep.equal([]);
    expect(metrics.join('\n')).to.include('quartermaster_runs_total');
    expect(find((search) => search.text('metrics', metrics.join('\n')))).to.deep.equal([]);
  });

  for (const kind of [
    'ConfigMap',
    'Event',
    'ResourceRequest',
    'ResourceRun',
    'ResourceClass',
    'Job',
    'Pod',
    'Lease',
    'ControllerRevision',
  ]) {
    it(`do not appear in any version of any ${kind}`, () => {
      const objects = recorder.versions.filter((object) => object.kind === kind);
      expect(objects).to.have.length.above(0);
      const findings = objects.flatMap((object) =>
        find((search) => search.object(placeOf(object), object)),
      );
      expect(findings).to.deep.equal([]);
    });
  }

  it('are sealed in every Secret that nobody reads', () => {
    const objects = recorder.versions.filter(({ kind }) => kind === 'Secret');
    const sealed = objects.filter((object) => !mayHold(object));
    expect(sealed.map(placeOf).join()).to.include('Secret state-').and.include('Secret outputs-');
    const findings = sealed.flatMap((object) =>
      find((search) => search.object(placeOf(object), object)),
    );
    const elsewhere = findings.filter(
      ({ canary, place }) => !place.startsWith(canary.replace('token of', 'Secret')),
    );
    expect(elsewhere).to.deep.equal([]);
  });

  it('do appear where they belong', () => {
    const objects = recorder.versions.filter(mayHold);
    const found = objects.flatMap((object) =>
      find((search) => search.object(placeOf(object), object)),
    );
    expect(found.map(({ canary }) => canary)).to.include.members([
      'PROVIDER_PASSWORD',
      'first password',
      'second password',
    ]);
  });
});

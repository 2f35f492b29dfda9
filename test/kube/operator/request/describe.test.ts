import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'chai';
import type { ResourceRequestSpec } from '../../../../crds/resource-request.ts';
import { eventually } from '../../../support/eventually.ts';
import { findPrograms } from '../../../support/find-programs.ts';
import { useTestCluster } from '../../../support/kube/test-cluster.ts';
import { OperatorWorld } from '../../../support/operator/operator-world.ts';

const execute = promisify(execFile);
/** What kubectl prints, one file for each moment. */
const FOLDER = path.join(import.meta.dirname, 'described');
/** Set it to write the files anew, and then read what has changed. */
const IS_WRITING = process.env['WRITE_EXPECTED'] === 'yes';

const FAILURE = {
  outcome: 'failed',
  failure: {
    type: 'Configuration',
    message: 'Error: a database of size 3 is not available in the region eu-1.',
  },
} as const;

describe('what kubectl says about a request', function () {
  this.timeout(120_000);
  const cluster = useTestCluster();
  let world: OperatorWorld;
  let kubectl: string;
  let className: string;

  before(async function () {
    this.timeout(15 * 60_000);
    kubectl = (await findPrograms(['kubernetes'])).kubectl;
    world = await OperatorWorld.start(cluster);
    className = (await world.createClass('database')).metadata.name;
    await world.createRequest('waiting', { className });
    await makeApproved('failing', { parameters: { size: 3 } });
    for (const name of ['ready', 'deleting']) await makeApproved(name);
    await world.finishRun('failing', FAILURE);
    await world.awaitCondition('failing', 'Stalled', { status: 'True' });
    for (const name of ['ready', 'deleting']) {
      await world.finishRun(name);
      await world.awaitCondition(name, 'Ready', { status: 'True', reason: 'Available' });
    }
    await world.delete('deleting');
    await eventually(async () => {
      expect((await world.request('deleting')).status?.run?.action).to.equal('Destroy');
    });
    await world.awaitCondition('waiting', 'Ready', { reason: 'AwaitingApproval' });
  });
  after(() => world.stop());

  /** Approved once the operator has said that it waits: otherwise that Event comes or does not. */
  async function makeApproved(
    name: string,
    spec: Partial<ResourceRequestSpec> = {},
  ): Promise<void> {
    await world.createRequest(name, { className, ...spec });
    await world.awaitCondition(name, 'Ready', { reason: 'AwaitingApproval' });
    await world.approve(name);
  }

  async function ask(...texts: string[]): Promise<string> {
    const place = ['--kubeconfig', cluster.kubeconfig, '--namespace', world.namespaces.project];
    const { stdout } = await execute(kubectl, [...place, ...texts]);
    return simplify(stdout);
  }

  /** Without what is another at each run. */
  function simplify(text: string): string {
    return text
      .replaceAll(world.namespaces.project, 'shop')
      .replaceAll(`-${world.suffix}`, '')
      .replaceAll(/eyJ[\w.-]+/g, 'SIGNATURE')
      .replaceAll(/sha256:[0-9a-f]{64}/g, 'DIGEST')
      .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'TIME')
      .replaceAll(/[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}/g, 'UID')
      .replaceAll(/(Resource Version: +)\d+/g, '$1VERSION')
      .replaceAll(/\bdatabase-[0-9a-f]{10}\b/g, 'database-REVISION')
      .replaceAll(/-(apply|destroy)-[0-9a-f]{6,}/g, '-$1-RUN')
      .replaceAll(/ +(\d+[dhms])+$/gm, ' AGE')
      .replaceAll(/ +$/gm, '');
  }

  /** Events of the same second come in any order, and their columns are as wide as the widest. */
  function sortEvents(text: string): string {
    const [before = '', events] = text.split(/^Events:\n/m);
    if (events === undefined) return text;
    const rows = events
      .split('\n')
      .filter((line) => /^ +(Normal|Warning) /.test(line))
      .map((line) =>
        line.trim().replace(/^(\w+) +(\w+) +\w+( \(x.*?\))? +(\S+) +/, '$1 $2 AGE $4 '),
      )
      .sort();
    return `${before}Events:\n${rows.map((row) => `  ${row}\n`).join('')}`;
  }

  function expectText(file: string, text: string): void {
    const name = path.join(FOLDER, file);
    if (IS_WRITING) writeFileSync(name, text);
    expect(text).to.equal(readFileSync(name, 'utf8'));
  }

  for (const name of ['waiting', 'failing', 'ready', 'deleting']) {
    it(`is for one that is ${name} what somebody can act upon who knows nothing of the inside`, async () => {
      // Events arrive a moment after what they tell.
      await eventually(async () => {
        expectText(`${name}.txt`, sortEvents(await ask('describe', 'rr', name)));
      });
    });
  }

  it('is one line for each in a list', async () => {
    expectText('list.txt', await ask('get', 'rr'));
  });
});

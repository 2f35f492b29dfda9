import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect } from 'chai';
import { execa } from 'execa';
import { stringify } from 'yaml';
import { findPrograms } from '../support/find-programs.ts';
import { useHelm, valuesFiles } from '../support/chart/helm.ts';
import { writeSchemas } from '../support/chart/schemas.ts';
import { useTestCluster } from '../support/kube/test-cluster.ts';
import { rejection } from '../support/rejection.ts';

describe('the chart under kubeconform', function () {
  this.timeout(60_000);
  const helm = useHelm();
  const cluster = useTestCluster();
  let directory: string;
  let kubeconform: string;
  let location: string;

  before('take the schemas from an API server', async function () {
    this.timeout(15 * 60_000);
    const programs = await findPrograms(['kubeconform', 'kubernetes']);
    kubeconform = programs.kubeconform;
    directory = mkdtempSync(path.join(tmpdir(), 'quartermaster-test-schemas-'));
    const flags = ['--kubeconfig', cluster.kubeconfig, 'get', '--raw', '/openapi/v2'];
    const { stdout } = await execa(programs.kubectl, flags);
    location = writeSchemas(stdout, directory);
  });
  after(() => rmSync(directory, { recursive: true }));

  /** @throws {Error} with the words of kubeconform, where something does not conform */
  async function check(text: string): Promise<string> {
    // Kinds of the Prometheus operator, which the API server does not serve.
    const skipped = ['-skip', 'ServiceMonitor,PrometheusRule'];
    const flags = ['-strict', '-summary', '-schema-location', location, ...skipped, '-'];
    const { stdout } = await execa(kubeconform, flags, { input: text });
    return stdout;
  }

  it('is told of a field that no kind has', async () => {
    const account = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'a' }, spec: {} };
    expect((await rejection(check(stringify(account)))).message).to.include('spec');
  });

  for (const values of valuesFiles) {
    it(`conforms strictly with ${values}`, async () => {
      expect(await check(await helm().template({ values }))).to.match(/Invalid: 0, Errors: 0/);
    });
  }
});

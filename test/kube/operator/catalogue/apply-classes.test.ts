import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect } from 'chai';
import { stringify } from 'yaml';
import { API_VERSION } from '../../../../crds/constants.ts';
import { RESOURCE_CLASSES } from '../../../../crds/resource-types.ts';
import type { KubeObject } from '../../../../lib/kube/objects.ts';
import { ConfigurationError } from '../../../../lib/errors.ts';
import { InvalidError, NotFoundError } from '../../../../lib/kube/errors.ts';
import { applyClasses } from '../../../../operator/catalogue/apply-classes.ts';
import { readClasses } from '../../../../operator/catalogue/read-classes.ts';
import { QuietLogger } from '../../../support/quiet-logger.ts';
import { useTestCluster } from '../../../support/kube/test-cluster.ts';
import { rejection } from '../../../support/rejection.ts';

interface ClassObject extends KubeObject {
  spec: Record<string, unknown>;
}

function buildClass(name: string, spec: Record<string, unknown> = {}): ClassObject {
  const fields = { title: 'A bucket', module: { source: './bucket' }, parameters: {}, ...spec };
  return { apiVersion: API_VERSION, kind: 'ResourceClass', metadata: { name }, spec: fields };
}

describe('the catalogue of an installation', () => {
  const cluster = useTestCluster();
  const log = new QuietLogger();
  let directory: string;

  beforeEach(() => {
    directory = mkdtempSync(path.join(tmpdir(), 'quartermaster-test-classes-'));
  });

  afterEach(async () => {
    rmSync(directory, { recursive: true, force: true });
    await cluster.client.delete(RESOURCE_CLASSES, { name: 'bucket' });
    await cluster.client.delete(RESOURCE_CLASSES, { name: 'queue' });
  });

  function write(name: string, content: unknown): void {
    writeFileSync(path.join(directory, name), stringify(content));
  }

  function apply(classes: readonly KubeObject[], patienceMs = 2_000): Promise<void> {
    return applyClasses(classes, { client: cluster.client, log, patienceMs });
  }

  function read(name: string): Promise<ClassObject | undefined> {
    return cluster.client.get<ClassObject>(RESOURCE_CLASSES, { name });
  }

  const strangers: Record<string, unknown> = {
    'another kind': { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'a' } },
    'another version': { ...buildClass('a'), apiVersion: 'quartermaster.dev/v9' },
    'no name': { ...buildClass('a'), metadata: {} },
    'a list': [],
    nothing: null,
  };

  for (const [what, content] of Object.entries(strangers)) {
    it(`refuses a file with ${what}, and names it`, async () => {
      write('a.yaml', content);
      const error = await rejection(readClasses(directory));
      expect(error).to.be.instanceOf(ConfigurationError);
      expect(error.message).to.include('a.yaml');
    });
  }

  it('refuses a file that is no YAML', async () => {
    writeFileSync(path.join(directory, 'a.yaml'), '{');
    expect(await rejection(readClasses(directory))).to.be.instanceOf(ConfigurationError);
  });

  it('fails at once where the API server refuses a class', async () => {
    const started = performance.now();
    const error = await rejection(apply([buildClass('bucket', { title: '' })], 60_000));
    expect(error).to.be.instanceOf(InvalidError);
    expect(performance.now() - started).to.be.below(5_000);
  });

  it('gives up when the API server says for too long that there is no such thing', async () => {
    const foreign = { ...buildClass('bucket'), metadata: { name: 'a/b' } };
    const error = await rejection(apply([foreign], 600));
    expect(error).to.be.instanceOf(NotFoundError);
  });

  it('reads only YAML files that are not hidden, as a mounted ConfigMap has them', async () => {
    write('b.yaml', buildClass('queue'));
    write('a.yaml', buildClass('bucket'));
    write('.hidden.yaml', {});
    write('notes.txt', {});
    mkdirSync(path.join(directory, '..2026_01_01'));
    const names = (await readClasses(directory)).map(({ metadata }) => metadata.name);
    expect(names).to.deep.equal(['bucket', 'queue']);
  });

  it('makes classes, changes them in place, and sets back what was changed by hand', async () => {
    await apply([buildClass('bucket')]);
    const made = await read('bucket');
    const patch = { spec: { title: 'By hand' } };
    await cluster.client.mergePatch(RESOURCE_CLASSES, { name: 'bucket' }, patch);
    await apply([buildClass('bucket', { description: 'More.' })]);
    const changed = await read('bucket');
    expect(changed?.metadata.uid).to.equal(made?.metadata.uid);
    expect(changed?.spec).to.include({ title: 'A bucket', description: 'More.' });
  });

  it('leaves classes alone that are no longer listed', async () => {
    await apply([buildClass('bucket'), buildClass('queue')]);
    await apply([buildClass('queue')]);
    expect(await read('bucket')).not.to.equal(undefined);
  });
});

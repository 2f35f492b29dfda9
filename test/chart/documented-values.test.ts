import { globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect } from 'chai';
import { parseDocument, stringify } from 'yaml';
import { checkoutDirectory } from '../../dev/paths.ts';
import { chartDirectory, useHelm } from '../support/chart/helm.ts';

interface Example {
  /** Page and line. */
  place: string;
  values: Record<string, unknown>;
}

function readJson(file: string): { properties: object } {
  return JSON.parse(readFileSync(file, 'utf8')) as { properties: object };
}

/** The YAML blocks of a page that are values of the chart, by their keys. */
function findExamples(file: string): Example[] {
  const schema = readJson(path.join(chartDirectory, 'values.schema.json'));
  const text = readFileSync(path.join(checkoutDirectory, file), 'utf8');
  return [...text.matchAll(/^```yaml\n([^]*?)^```/gm)].flatMap(({ 1: block = '', index }) => {
    const document = parseDocument(block);
    const values = document.toJS() as Record<string, unknown> | null;
    const keys = Object.keys(values ?? {});
    const areValues = keys.length > 0 && keys.every((key) => key in schema.properties);
    const line = text.slice(0, index).split('\n').length;
    return values && areValues ? [{ place: `${file}:${line}`, values }] : [];
  });
}

describe('the values that the documentation shows', () => {
  const helm = useHelm();
  const pages = ['README.md', ...globSync('docs/*.md', { cwd: checkoutDirectory }).sort()];
  const examples = pages.flatMap(findExamples);
  let directory: string;

  before(() => (directory = mkdtempSync(path.join(tmpdir(), 'quartermaster-test-'))));
  after(() => rmSync(directory, { recursive: true }));

  it('are found', () => {
    expect(examples.map(({ place }) => place.split(':')[0])).to.include.members([
      'docs/aws.md',
      'docs/install.md',
    ]);
  });

  for (const { place, values } of examples) {
    it(`are taken by the chart: ${place}`, async () => {
      const file = path.join(directory, 'values.yaml');
      writeFileSync(file, stringify(values));
      expect(await helm().render({ values: file })).not.to.deep.equal([]);
    });
  }
});

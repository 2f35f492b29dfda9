import { expect } from 'chai';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import {
  formatSection,
  splitSections,
  writeSection,
  type Figure,
  type Section,
} from '../../../bench/document.ts';

function buildSection(title: string, figure: Partial<Figure> = {}): Section {
  return { title, figures: [{ what: 'it', measured: 1, unit: ' s', ...figure }], notes: ['Why.'] };
}

describe('the figures of the bench', () => {
  const figures: Record<string, [Partial<Figure>, string]> = {
    'names a rate below its goal as missed': [
      { measured: 99, unit: '/s', goal: 100 },
      '| it | 99/s | ≥ 100/s | **missed** |',
    ],
    'names a time above its goal as missed': [
      { measured: 1.01, goal: 1 },
      '| it | 1.01 s | ≤ 1 s | **missed** |',
    ],
    'names a figure that could not be measured as missed': [
      { measured: Number.NaN, goal: 1 },
      '| it | NaN s | ≤ 1 s | **missed** |',
    ],
    'names a rate that is its goal as reached': [
      { measured: 100, unit: '/s', goal: 100 },
      '| it | 100/s | ≥ 100/s | reached |',
    ],
    'names a size below its goal as reached': [
      { measured: 299.6, unit: ' MB', goal: 300 },
      '| it | 300 MB | ≤ 300 MB | reached |',
    ],
    'judges nothing without a goal': [{ measured: 3, unit: '' }, '| it | 3 | | |'],
  };
  for (const [sentence, [figure, row]] of Object.entries(figures)) {
    it(sentence, () => {
      expect(formatSection(buildSection('Api', figure)).split('\n')).to.include(row);
    });
  }
});

describe('the document of the bench', () => {
  let directory: string;
  let file: string;
  beforeEach(() => {
    directory = mkdtempSync(path.join(tmpdir(), 'bench-document-'));
    file = path.join(directory, 'performance.md');
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  const titles = (): string[] => [...splitSections(readFileSync(file, 'utf8')).keys()];

  it('is begun where there is none', () => {
    writeSection(buildSection('Calls'), file);
    expect(readFileSync(file, 'utf8')).to.match(/^# Performance\n/);
    expect(titles()).to.deep.equal(['Calls']);
  });

  it('keeps one order, whatever was measured first', () => {
    for (const title of ['Calls', 'Api', 'Requests at rest']) {
      writeSection(buildSection(title), file);
    }
    expect(titles()).to.deep.equal(['Api', 'Requests at rest', 'Calls']);
  });

  it('replaces the section that was measured again, and leaves the others as they are', () => {
    writeSection(buildSection('Api', { measured: 7 }), file);
    writeSection(buildSection('Calls', { measured: 8 }), file);
    const before = splitSections(readFileSync(file, 'utf8')).get('Api');
    writeSection(buildSection('Calls', { measured: 9 }), file);
    const after = splitSections(readFileSync(file, 'utf8'));
    expect(after.get('Api')).to.equal(before);
    expect(after.get('Calls')).to.include('9.00 s').and.not.include('8.00 s');
  });

  it('loses a section that nothing measures any more', () => {
    writeFileSync(file, '# Performance\n\n## Long ago\n\nIt was fast.\n');
    writeSection(buildSection('Api'), file);
    expect(titles()).to.deep.equal(['Api']);
  });
});

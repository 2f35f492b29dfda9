import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'chai';
import { execa } from 'execa';
import { parse } from 'yaml';
import { recordedChart } from '../../dev/chart/recorded-release.ts';
import { checkoutDirectory } from '../../dev/paths.ts';
import { findPrograms } from '../support/find-programs.ts';

const directory = path.join(checkoutDirectory, '.github', 'workflows');
const files = readdirSync(directory).map((name) => path.join(directory, name));

interface Workflow {
  permissions: object;
  jobs: Record<string, { permissions?: Record<string, string>; 'timeout-minutes'?: number }>;
}

function readText(name: string): string {
  return readFileSync(path.join(checkoutDirectory, name), 'utf8');
}

describe('the workflows', () => {
  it('have no fault that actionlint finds', async function () {
    this.timeout(5 * 60_000);
    const { actionlint } = await findPrograms(['actionlint']);
    // Where the machine has shellcheck, its version would decide.
    await execa(actionlint, ['-shellcheck=', '-pyflakes=', ...files]);
  });

  for (const file of files) {
    const name = path.basename(file);

    it(`use actions by their commit only, in ${name}`, () => {
      const used = [...readFileSync(file, 'utf8').matchAll(/uses: (.+)/g)].map(([, what]) => what);
      expect(used).to.have.length.above(0);
      for (const action of used) {
        expect(action).to.match(/^[\w.-]+\/[\w.-]+@[0-9a-f]{40} # v[\d.]+$/);
      }
    });

    it(`give each job the permissions that it says, a limit of time, and nothing by default, in ${name}`, () => {
      const { permissions, jobs } = parse(readFileSync(file, 'utf8')) as Workflow;
      expect(permissions).to.deep.equal({});
      for (const [job, { permissions: own = {}, 'timeout-minutes': limit }] of Object.entries(
        jobs,
      )) {
        expect(own, job).to.include({ contents: 'read' });
        expect(limit, job).to.be.a('number');
      }
    });
  }
});

describe('the version', () => {
  const { version } = JSON.parse(readText('package.json')) as { version: string };

  it('is one, in the image, the chart and the changelog', () => {
    expect(readText('Dockerfile')).to.include(`ARG VERSION=${version}\n`);
    expect(readText('charts/quartermaster/Chart.yaml')).to.include(`\nversion: ${version}\n`);
    expect(readText('charts/quartermaster/Chart.yaml')).to.include(`\nappVersion: ${version}\n`);
    expect(readText('CHANGELOG.md')).to.include(`\n## ${version}\n`);
  });

  it('is another one than that of the release before, whose chart upgrades are tested from', () => {
    const { version: before } = parse(
      readFileSync(path.join(recordedChart, 'Chart.yaml'), 'utf8'),
    ) as { version: string };
    expect(before).not.to.equal(version);
    expect(readText('CHANGELOG.md')).to.include(`\n## ${before}\n`);
  });

  it('of Node is the same in the image as where the tests run', () => {
    const { devDependencies } = JSON.parse(readText('package.json')) as {
      devDependencies: Record<string, string>;
    };
    const bases = [...readText('Dockerfile').matchAll(/^FROM .*\bnode:([\d.]+)-/gm)];
    expect(new Set(bases.map(([, found]) => found))).to.deep.equal(
      new Set([devDependencies['node']]),
    );
  });
});

import { expect } from 'chai';
import { programNameOf } from '../../../dev/binaries/build-binaries.ts';
import { readGivenDatabaseUrl } from '../../../dev/database.ts';
import { parseEnvironmentFile } from '../../../dev/environment-file.ts';
import { PlatformError } from '../../../dev/errors.ts';
import { parseRouteSource } from '../../../dev/existing-cluster.ts';
import { parseImported } from '../../../dev/kubernetes/container-client.ts';
import { needsLoading } from '../../../dev/kubernetes/load-images.ts';
import { selectMounts } from '../../../dev/kubernetes/node-leftovers.ts';
import type { MachineFacts } from '../../../dev/preflight.ts';
import { findObstacles } from '../../../dev/preflight.ts';
import { parseServerArguments } from '../../../dev/server-arguments.ts';
import { selectLayers } from '../../../dev/testing/layers.ts';
import { judgeCounts, sumCounts } from '../../../dev/testing/test-counts.ts';

describe('what keeps the embedded Kubernetes from running', () => {
  const good: MachineFacts = {
    platform: 'linux',
    isRoot: true,
    hasGo: true,
    hasApt: true,
    setsToBuild: ['etcd'],
    packagesToInstall: ['runc'],
  };
  const cases: [string, Partial<MachineFacts>, string[]][] = [
    ['nothing, on a Debian with root and Go', {}, []],
    ['another system than Linux', { platform: 'darwin' }, ['Linux']],
    ['a user without rights', { isRoot: false }, ['root']],
    ['no Go, while something must be built', { hasGo: false }, ['Go 1.26']],
    ['not a missing Go, once everything is built', { hasGo: false, setsToBuild: [] }, []],
    ['no apt-get, while something is missing', { hasApt: false }, ['runc']],
    ['everything at once', { isRoot: false, hasGo: false, hasApt: false }, ['root', 'Go', 'runc']],
  ];
  for (const [title, facts, expected] of cases) {
    it(title, () => {
      const obstacles = findObstacles({ ...good, ...facts });
      expect(obstacles).to.have.length(expected.length);
      expected.forEach((text, index) => expect(obstacles[index]).to.include(text));
    });
  }
});

describe('loading an image', () => {
  const record = { '/a.tar': { stamp: '1', images: ['a:1'] } };
  const cases: [string, { archive: string; stamp: string }, string[], boolean][] = [
    ['is needed for an archive that was never loaded', { archive: '/b.tar', stamp: '1' }, [], true],
    ['is needed for an archive that changed', { archive: '/a.tar', stamp: '2' }, ['a:1'], true],
    ['is needed when the node lost the image', { archive: '/a.tar', stamp: '1' }, [], true],
    ['is skipped when all is as it was', { archive: '/a.tar', stamp: '1' }, ['a:1'], false],
  ];
  for (const [title, entry, present, expected] of cases) {
    it(title, () => expect(needsLoading(entry, record, new Set(present))).to.equal(expected));
  }

  it('reads the names of what was imported', () => {
    const output =
      'unpacking docker.io/library/a:1 (sha256:12)...done\nunpacking b:2 (sha256:3)...';
    expect(parseImported(output)).to.deep.equal(['docker.io/library/a:1', 'b:2']);
  });
});

describe('mounts to take away', () => {
  it('are those at and below our folders, the last first, and never a neighbour', () => {
    const line = (target: string): string => `1 2 0:3 / ${target} rw - tmpfs tmpfs rw`;
    const info = ['/', '/run/q', '/run/q/a', '/run/q/a/b\\040c', '/run/qq'].map(line).join('\n');
    expect(selectMounts(info, ['/run/q'])).to.deep.equal(['/run/q/a/b c', '/run/q/a', '/run/q']);
  });
});

describe('test counts', () => {
  it('make a failure of a run that ended badly without counting one', () => {
    expect(judgeCounts(1, { passed: 3, failed: 0 })).to.deep.equal({ passed: 3, failed: 1 });
    expect(judgeCounts(null, null)).to.deep.equal({ passed: 0, failed: 1 });
  });
  it('make a failure of a run without tests', () => {
    expect(judgeCounts(0, { passed: 0, failed: 0 })).to.deep.equal({ passed: 0, failed: 1 });
  });
  it('add up over the layers', () => {
    const sum = sumCounts([
      { passed: 1, failed: 2 },
      { passed: 3, failed: 4 },
    ]);
    expect(sum).to.deep.equal({ passed: 4, failed: 6 });
  });
});

describe('arguments and texts', () => {
  it('refuse an option that does not exist', () => {
    expect(() => parseServerArguments(['--nonsense'])).to.throw(PlatformError);
    expect(() => selectLayers(['nonsense'])).to.throw(PlatformError);
  });
  for (const [wanted, isLong] of [
    [[], false],
    [['unit'], false],
    [['--full'], true],
    [['long'], true],
  ] as const) {
    it(`run ${isLong ? 'the long tests' : 'no long tests'} for "script/test ${wanted.join(' ')}"`, () => {
      const names = selectLayers(wanted).layers.map(({ name }) => name);
      expect(names.includes('long')).to.equal(isLong);
    });
  }
  it('read the options of the server', () => {
    expect(parseServerArguments(['--detach', '--context', 'kind-kind'])).to.deep.equal({
      detach: true,
      fresh: false,
      context: 'kind-kind',
      image: undefined,
    });
  });
  it('read the environment file back, quotes included', () => {
    const text = `export QM_URL='http://x'\nexport QM_ADMIN_PASSWORD='it'\\''s'\nrubbish\n`;
    expect(parseEnvironmentFile(text)).to.deep.equal({
      QM_URL: 'http://x',
      QM_ADMIN_PASSWORD: `it's`,
    });
  });
  it('take a database address for given only when it is not that of an embedded server', () => {
    const given = 'postgres://me@db.example.com/postgres';
    expect(readGivenDatabaseUrl(given)).to.equal(given);
    expect(readGivenDatabaseUrl(`${given}?application_name=quartermaster-local`)).to.equal(
      undefined,
    );
    expect(readGivenDatabaseUrl('')).to.equal(undefined);
    expect(readGivenDatabaseUrl(undefined)).to.equal(undefined);
  });
  it('find the address on the way to a node', () => {
    const route = '172.18.0.2 dev br-1 src 172.18.0.1 uid 0';
    expect(parseRouteSource(route)).to.equal('172.18.0.1');
    expect(parseRouteSource('unreachable')).to.equal(null);
  });
  it('know what Go calls a program', () => {
    expect(programNameOf('go.etcd.io/etcd/server/v3')).to.equal('server');
    expect(programNameOf('k8s.io/kubernetes/cmd/kubelet')).to.equal('kubelet');
  });
});

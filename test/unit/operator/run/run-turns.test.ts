import { expect } from 'chai';
import { LABELS } from '../../../../crds/constants.ts';
import type { ResourceRun } from '../../../../crds/resource-run.ts';
import { RunTurns } from '../../../../operator/run/run-turns.ts';

describe('an organization with one waiting run', () => {
  let runs: ResourceRun[];

  beforeEach(() => (runs = []));

  function file(organization: string, count: number, minute: number): void {
    for (let index = 0; index < count; index += 1) runs.push(build(organization, index, minute));
  }

  function build(organization: string, index: number, minute: number): ResourceRun {
    return {
      metadata: {
        namespace: 'runs',
        name: `${organization}-${index}`,
        labels: { [LABELS.organization]: organization },
        creationTimestamp: new Date(Date.UTC(2026, 0, 1, 0, minute)).toISOString(),
      },
      spec: { action: 'Apply', requestRef: { namespace: organization } },
    } as unknown as ResourceRun;
  }

  /** Starts whatever may start. @returns the organizations of the runs, in their order */
  async function startAll(turns: RunTurns): Promise<string[]> {
    const started: string[] = [];
    for (const key of turns.next()) {
      const run = runs.find(({ metadata }) => key === `runs/${metadata.name}`);
      if (run === undefined) continue;
      await turns.hold(run, () => {
        run.status = { ...run.status, jobName: run.metadata.name };
        started.push(run.spec.requestRef.namespace);
        return Promise.resolve();
      });
    }
    return started;
  }

  function endOldest(): void {
    const index = runs.findIndex(({ status }) => status?.jobName !== undefined);
    runs.splice(index, 1);
  }

  for (const { crowds, limit } of [
    { crowds: ['a'], limit: 1 },
    { crowds: ['a'], limit: 4 },
    { crowds: ['a', 'c'], limit: 2 },
    { crowds: ['a', 'c', 'd'], limit: 3 },
  ]) {
    it(`starts as soon as one of ${limit} ends, before five hundred of ${crowds.join(', ')} each`, async () => {
      const turns = new RunTurns({ listRuns: () => runs, limit });
      for (const crowd of crowds) file(crowd, 500, 0);
      expect(await startAll(turns)).to.have.length(limit);
      file('b', 1, 1);
      expect(await startAll(turns)).to.deep.equal([]);
      endOldest();
      expect(await startAll(turns)).to.deep.equal(['b']);
    });
  }

  it('takes turns with another of as many runs, one each', async () => {
    const turns = new RunTurns({ listRuns: () => runs, limit: 1 });
    file('a', 3, 0);
    file('b', 3, 1);
    const order: string[] = [];
    while (runs.length > 0) {
      order.push(...(await startAll(turns)));
      endOldest();
    }
    expect(order.join('')).to.equal('ababab');
  });

  describe('asks whether it is its turn', () => {
    let looks: number;
    let now: number;
    let turns: RunTurns;

    beforeEach(() => {
      looks = 0;
      now = 0;
      const listRuns = (): ResourceRun[] => {
        looks += 1;
        return runs;
      };
      turns = new RunTurns({ listRuns, limit: 2, now: () => now });
    });

    it('and a thousand that ask at once are looked at once', () => {
      file('a', 1_000, 0);
      const may = runs.filter(({ metadata }) => turns.mayBeNext(`runs/${metadata.name}`));
      expect(may).to.have.length(2);
      expect(looks).to.equal(1);
      now += 1_000;
      expect(turns.mayBeNext('runs/a-999')).to.equal(false);
      expect(looks).to.equal(2);
    });

    it('and is looked at anew when it has come since the last look', () => {
      file('a', 1, 0);
      expect(turns.mayBeNext('runs/a-0')).to.equal(true);
      file('b', 1, 1);
      expect(turns.mayBeNext('runs/b-0')).to.equal(true);
    });

    it('and learns at once that a place has become free', async () => {
      file('a', 3, 0);
      await startAll(turns);
      expect(turns.mayBeNext('runs/a-2')).to.equal(false);
      endOldest();
      expect(turns.next()).to.deep.equal(['runs/a-2']);
      expect(turns.mayBeNext('runs/a-2')).to.equal(true);
    });

    it('and does not start on what a look has found that is not so any more', async () => {
      file('a', 3, 0);
      expect(turns.mayBeNext('runs/a-0')).to.equal(true);
      for (const run of runs.slice(1)) run.status = { jobName: run.metadata.name };
      const [run] = runs as [ResourceRun];
      expect(await turns.hold(run, () => Promise.resolve('begun'))).to.equal(undefined);
    });
  });
});

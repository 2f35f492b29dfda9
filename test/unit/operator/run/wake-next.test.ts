import { expect } from 'chai';
import { setImmediate as turn } from 'node:timers/promises';
import type { RunReconcilerDeps } from '../../../../operator/run/deps.ts';
import { createRunReconciler } from '../../../../operator/run/reconcile.ts';
import { RunTurns } from '../../../../operator/run/run-turns.ts';

describe('a run that is over', () => {
  let looks: number;
  let reconcile: (key: string) => Promise<unknown>;

  beforeEach(() => {
    looks = 0;
    const turns = new RunTurns({
      limit: 1,
      listRuns: () => {
        looks += 1;
        return [];
      },
    });
    const caches = { runs: { get: () => undefined } };
    const deps = { turns, caches, wake: () => undefined } as unknown as RunReconcilerDeps;
    reconcile = createRunReconciler(deps);
  });

  it('makes all runs be looked at once, however many are over at the same time', async () => {
    await Promise.all(Array.from({ length: 1_000 }, (_, index) => reconcile(`runs/run-${index}`)));
    await turn();
    expect(looks).to.equal(1);
  });

  it('makes them be looked at again when another is over later', async () => {
    for (const name of ['one', 'two']) {
      await reconcile(`runs/${name}`);
      await turn();
    }
    expect(looks).to.equal(2);
  });
});

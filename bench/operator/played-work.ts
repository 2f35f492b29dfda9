import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Script } from '../../test/support/pods/scripted-runner.ts';

/** What an engine would do, but for the engine: reads its state, works, writes it, has outputs. */
export function playWork(milliseconds: number): Script {
  return async (run) => {
    await run.readState();
    await sleep(milliseconds, undefined, { signal: run.signal });
    const id = randomUUID();
    await run.writeState({ version: 4, serial: 1, lineage: id, outputs: {}, resources: [] });
    const known: Record<string, unknown> = { ...run.spec.variables, id };
    const values = Object.fromEntries(run.spec.outputs.map((name) => [name, known[name]]));
    const changes = { add: 1, change: 0, destroy: 0 };
    return { outcome: 'succeeded', outputs: { values, sensitive: ['password'] }, changes };
  };
}

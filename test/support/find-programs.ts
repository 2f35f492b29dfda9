import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { BinarySetName } from '../../dev/binaries/binary-sets.ts';
import { ensureBinaries, type ProgramPaths } from '../../dev/binaries/build-binaries.ts';
import { Ledger } from '../../dev/processes/ledger.ts';
import { sayOnTerminal } from '../../dev/processes/say.ts';
import { Supervisor } from '../../dev/processes/supervisor.ts';

/** Paths of real programs; those of these sets are built once if they are not in the cache. */
export async function findPrograms(sets: readonly BinarySetName[]): Promise<ProgramPaths> {
  const directory = mkdtempSync(path.join(tmpdir(), 'quartermaster-test-programs-'));
  const ledger = Ledger.create(path.join(directory, 'ledger.json'));
  const supervisor = new Supervisor({ ledger, logDirectory: path.join(directory, 'logs') });
  try {
    return await ensureBinaries(sets, supervisor, sayOnTerminal);
  } finally {
    await supervisor.stopAll();
    rmSync(directory, { recursive: true, force: true });
  }
}

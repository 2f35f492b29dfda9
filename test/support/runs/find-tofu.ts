import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ensureBinaries } from '../../../dev/binaries/build-binaries.ts';
import { Ledger } from '../../../dev/processes/ledger.ts';
import { sayOnTerminal } from '../../../dev/processes/say.ts';
import { Supervisor } from '../../../dev/processes/supervisor.ts';

/** Path of the real OpenTofu; built once if it is not in the cache. */
export async function findTofu(): Promise<string> {
  const directory = mkdtempSync(path.join(tmpdir(), 'quartermaster-test-tofu-'));
  const ledger = Ledger.create(path.join(directory, 'ledger.json'));
  const supervisor = new Supervisor({ ledger, logDirectory: path.join(directory, 'logs') });
  try {
    return (await ensureBinaries(['opentofu'], supervisor, sayOnTerminal)).tofu;
  } finally {
    await supervisor.stopAll();
    rmSync(directory, { recursive: true, force: true });
  }
}

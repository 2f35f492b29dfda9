import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ensureBinaries } from '../../../dev/binaries/build-binaries.ts';
import { startControlPlane } from '../../../dev/kubernetes/control-plane.ts';
import type { ControlPlane } from '../../../dev/kubernetes/control-plane-options.ts';
import { cleanLeftoversIn } from '../../../dev/processes/leftovers.ts';
import { Ledger } from '../../../dev/processes/ledger.ts';
import { sayOnTerminal } from '../../../dev/processes/say.ts';
import { Supervisor } from '../../../dev/processes/supervisor.ts';

/** Ledgers of test runs stand here, so that the next run cleans up after one that was killed. */
const ledgerDirectory = path.join(tmpdir(), 'quartermaster-test-clusters');

/** An API server with its store, and how to end both. */
export interface ControlPlaneProcess {
  controlPlane: ControlPlane;
  stop(): Promise<void>;
}

/** Starts etcd and an API server for this test run alone. */
export async function startControlPlaneProcess(): Promise<ControlPlaneProcess> {
  mkdirSync(ledgerDirectory, { recursive: true, mode: 0o700 });
  await cleanLeftoversIn(ledgerDirectory);
  const ledger = Ledger.create(path.join(ledgerDirectory, `${process.pid}.json`));
  const directory = mkdtempSync(path.join(tmpdir(), 'quartermaster-test-cluster-'));
  ledger.addDirectory(directory);
  const supervisor = new Supervisor({ ledger, logDirectory: path.join(directory, 'logs') });
  const killAllNow = (): void => supervisor.killAllNow();
  process.once('exit', killAllNow);
  const stop = async (): Promise<void> => {
    await supervisor.stopAll();
    process.off('exit', killAllNow);
    rmSync(directory, { recursive: true, force: true });
    ledger.close();
  };
  try {
    const programs = await ensureBinaries(['etcd', 'kubernetes'], supervisor, sayOnTerminal);
    return { controlPlane: await startControlPlane({ supervisor, programs, directory }), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ensureBinaries } from '../../../dev/binaries/build-binaries.ts';
import { startControllerManager } from '../../../dev/kubernetes/controller-manager.ts';
import { Ledger } from '../../../dev/processes/ledger.ts';
import { sayOnTerminal } from '../../../dev/processes/say.ts';
import { Supervisor } from '../../../dev/processes/supervisor.ts';
import type { TestCluster } from '../kube/test-cluster.ts';

/** Where the runs of tests look for what others have left; see control-plane-process.ts. */
const ledgerDirectory = path.join(tmpdir(), 'quartermaster-test-clusters');

/**
 * The controllers of Kubernetes on the test cluster, for a suite that is about them: the end of
 * namespaces, Jobs, garbage collection. Other suites use the same cluster, so they are to be stopped.
 */
export class RealControllers {
  readonly #supervisor: Supervisor;
  readonly #directory: string;
  readonly #ledger: Ledger;
  readonly #killAllNow = (): void => this.#supervisor.killAllNow();

  private constructor() {
    this.#ledger = Ledger.create(path.join(ledgerDirectory, `${process.pid}-controllers.json`));
    this.#directory = mkdtempSync(path.join(tmpdir(), 'quartermaster-test-controllers-'));
    this.#ledger.addDirectory(this.#directory);
    const logDirectory = path.join(this.#directory, 'logs');
    this.#supervisor = new Supervisor({ ledger: this.#ledger, logDirectory });
    process.once('exit', this.#killAllNow);
  }

  static async start({ controlPlane }: TestCluster): Promise<RealControllers> {
    const controllers = new RealControllers();
    const supervisor = controllers.#supervisor;
    const directory = controllers.#directory;
    try {
      const programs = await ensureBinaries(['kubernetes'], supervisor, sayOnTerminal);
      await startControllerManager({ supervisor, programs, directory }, controlPlane);
    } catch (error) {
      await controllers.stop();
      throw error;
    }
    return controllers;
  }

  async stop(): Promise<void> {
    await this.#supervisor.stopAll();
    process.off('exit', this.#killAllNow);
    rmSync(this.#directory, { recursive: true, force: true });
    this.#ledger.close();
  }
}

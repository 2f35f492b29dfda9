import { readdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import type { LedgerContent, RecordedProcess } from './ledger.ts';
import { readLedger } from './ledger.ts';
import { identifyProcess, isAlive } from './process-identity.ts';
import { killGroup } from './kill.ts';

/** Environment variable by which every process that we start, and its children, can be found. */
export const markerVariable = 'QUARTERMASTER_LEDGER';

/** What to do about the ledger of an earlier launcher. */
export type LeftoverDecision =
  | { readonly kind: 'nothing' }
  | { readonly kind: 'running'; readonly owner: LedgerContent['owner'] }
  | { readonly kind: 'clean'; readonly processes: readonly RecordedProcess[] };

/**
 * @param ledger what was recorded, null if there is no record
 * @param alive tells whether this very process still lives
 * @returns leave the living launcher alone, clean up after a dead one (its living processes, the
 *   youngest first), or nothing
 */
export function decideLeftovers(
  ledger: LedgerContent | null,
  alive: typeof isAlive,
): LeftoverDecision {
  if (!ledger) return { kind: 'nothing' };
  if (alive(ledger.owner)) return { kind: 'running', owner: ledger.owner };
  return { kind: 'clean', processes: ledger.processes.filter(alive).reverse() };
}

/**
 * Ends and deletes what a dead launcher left, by its ledger and by the marker in the environment.
 *
 * @param file the ledger of that launcher
 * @param beforeDirectories what to take down between processes and folders, such as mounts
 * @returns what was decided; with `running` nothing was touched
 */
export async function cleanLeftovers(
  file: string,
  beforeDirectories: () => Promise<void> = () => Promise.resolve(),
): Promise<LeftoverDecision> {
  const content = readLedger(file);
  const decision = decideLeftovers(content, isAlive);
  if (decision.kind !== 'clean' || !content) return decision;
  for (const recorded of decision.processes) await killGroup(recorded, 0);
  await killMarkedProcesses(file);
  await beforeDirectories();
  for (const directory of content.directories) rmSync(directory, { recursive: true, force: true });
  return decision;
}

/** Cleans every ledger of a folder whose launcher is dead, and deletes it. */
export async function cleanLeftoversIn(directory: string): Promise<void> {
  let names: string[];
  try {
    names = readdirSync(directory).filter((name) => name.endsWith('.json'));
  } catch {
    return;
  }
  for (const name of names) {
    const file = path.join(directory, name);
    const { kind } = await cleanLeftovers(file);
    if (kind === 'clean') rmSync(file, { force: true });
  }
}

/**
 * Ends every process whose environment names this ledger: children that nobody recorded, such as
 * the compilers of a build that was cut short.
 */
export async function killMarkedProcesses(ledgerFile: string): Promise<void> {
  if (process.platform !== 'linux') return;
  const marker = `${markerVariable}=${ledgerFile}`;
  for (const pid of listProcessIds()) {
    if (pid === process.pid || !readEnvironment(pid).includes(marker)) continue;
    const identity = identifyProcess(pid);
    if (identity) await killGroup(identity, 0);
  }
}

/** Ids of all processes that are visible to us. */
export function listProcessIds(): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
}

function readEnvironment(pid: number): string[] {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0');
  } catch {
    return [];
  }
}

import { readFileSync, rmSync } from 'node:fs';
import { z } from 'zod';
import { checkoutDirectory } from '../paths.ts';
import type { ProcessIdentity } from './process-identity.ts';
import { identifyProcess } from './process-identity.ts';
import { writeFileAtomically } from './write-file.ts';

const identitySchema = z.object({ pid: z.number(), startTime: z.string() });
const contentSchema = z.object({
  owner: identitySchema.extend({ checkout: z.string() }),
  processes: z.array(identitySchema.extend({ name: z.string() })),
  directories: z.array(z.string()),
});

/** What one launcher made: who it is, its processes in order of start, folders to delete after it. */
export type LedgerContent = z.output<typeof contentSchema>;

/** A process of ours, with the name that it has in messages and logs. */
export type RecordedProcess = ProcessIdentity & { readonly name: string };

/**
 * The record of what a launcher made, kept in a file that is written on every change, so that the
 * next start finds the leftovers of a launcher that was killed.
 */
export class Ledger {
  readonly file: string;
  readonly #content: LedgerContent;

  private constructor(file: string, content: LedgerContent) {
    this.file = file;
    this.#content = content;
  }

  /** Starts an empty ledger of this process, over whatever the file held. */
  static create(file: string): Ledger {
    const self = identifyProcess(process.pid) ?? { pid: process.pid, startTime: '' };
    const owner = { ...self, checkout: checkoutDirectory };
    const ledger = new Ledger(file, { owner, processes: [], directories: [] });
    ledger.#write();
    return ledger;
  }

  /** Notes a process, as soon as it has an id. */
  addProcess(recorded: RecordedProcess): void {
    this.#content.processes.push({ ...recorded });
    this.#write();
  }

  /** Forgets a process that has ended. */
  removeProcess(pid: number): void {
    const index = this.#content.processes.findIndex((recorded) => recorded.pid === pid);
    if (index >= 0) this.#content.processes.splice(index, 1);
    this.#write();
  }

  /** Notes a folder that goes when the launcher goes; call it before making the folder. */
  addDirectory(directory: string): void {
    this.#content.directories.push(directory);
    this.#write();
  }

  /** Folders noted so far. */
  get directories(): readonly string[] {
    return this.#content.directories;
  }

  /** Everything is gone: so goes the record. */
  close(): void {
    rmSync(this.file, { force: true });
  }

  #write(): void {
    writeFileAtomically(this.file, JSON.stringify(this.#content, null, 2));
  }
}

/**
 * @param file path of a ledger
 * @returns its content, or null if there is none or it cannot be understood
 */
export function readLedger(file: string): LedgerContent | null {
  try {
    return contentSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch {
    return null;
  }
}

import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import path from 'node:path';
import { PlatformError } from '../errors.ts';
import { cacheDirectory } from '../paths.ts';
import { withFileLock } from '../processes/file-lock.ts';
import type { Say } from '../processes/say.ts';
import { formatDuration } from '../processes/say.ts';
import type { Supervisor } from '../processes/supervisor.ts';
import type { BinarySet, BinarySetName, ProgramName } from './binary-sets.ts';
import { binarySets } from './binary-sets.ts';

/** Paths of programs that are in the cache. */
export type ProgramPaths = Readonly<Record<ProgramName, string>>;

/**
 * Makes sure that programs are in the cache, building what is missing from the Go modules that
 * go.mod and go.sum pin, one set after another: each build uses every core.
 *
 * @param names which sets
 * @param supervisor runs the builds, and ends them when interrupted
 * @param say hears what is built and how long it takes
 * @returns the path of every program, whether in `names` or not; only those of `names` are sure to exist
 * @throws {PlatformError} if Go is missing or a build fails
 */
export async function ensureBinaries(
  names: readonly BinarySetName[],
  supervisor: Supervisor,
  say: Say,
): Promise<ProgramPaths> {
  for (const name of names) {
    if (!isBuilt(binarySets[name])) await buildSet(binarySets[name], supervisor, say);
  }
  return programPaths();
}

/** Which of these sets would have to be built now. */
export function findMissingSets(names: readonly BinarySetName[]): BinarySetName[] {
  return names.filter((name) => !isBuilt(binarySets[name]));
}

/** Where the programs are, or will be once they are built. */
export function programPaths(): ProgramPaths {
  const sets: readonly BinarySet[] = Object.values(binarySets);
  const entries = sets.flatMap((set) =>
    Object.keys(set.programs).map((program) => [program, path.join(setDirectory(set), program)]),
  );
  return Object.fromEntries(entries) as ProgramPaths;
}

/** Where a set keeps a folder of its module, or will once it is built. */
export function keptFolder(name: BinarySetName, folder: string): string {
  return path.join(setDirectory(binarySets[name]), 'kept', folder);
}

/** The folder of a set, named after everything that decides what comes out of the build. */
function setDirectory(set: BinarySet): string {
  const hash = createHash('sha256');
  for (const file of ['go.mod', 'go.sum']) hash.update(readFileSync(path.join(sources(set), file)));
  hash.update(JSON.stringify([set.linkerFlags, set.programs, process.platform, process.arch]));
  if (set.keeps) hash.update(JSON.stringify(set.keeps));
  return path.join(cacheDirectory, 'binaries', `${set.name}-${hash.digest('hex').slice(0, 16)}`);
}

function sources(set: BinarySet): string {
  return path.join(import.meta.dirname, set.name);
}

function isBuilt(set: BinarySet): boolean {
  return Object.keys(set.programs).every((program) =>
    existsSync(path.join(setDirectory(set), program)),
  );
}

/** Two starts at once: the second waits for the first, and finds the set built. */
async function buildSet(set: BinarySet, supervisor: Supervisor, say: Say): Promise<void> {
  const target = setDirectory(set);
  mkdirSync(path.dirname(target), { recursive: true });
  await withFileLock(`${target}.lock`, supervisor.signal, async () => {
    if (isBuilt(set)) return;
    const programs = Object.keys(set.programs).join(', ');
    say(`  building ${programs} (once; about ${set.expected} on two cores)`);
    const started = performance.now();
    const draft = `${target}.draft`;
    rmSync(draft, { recursive: true, force: true });
    mkdirSync(draft);
    await goBuild(set, draft, supervisor);
    await keepFolders(set, draft, supervisor);
    rmSync(target, { recursive: true, force: true });
    renameSync(draft, target);
    say(`  built ${set.name} (${formatDuration(performance.now() - started)})`);
  });
}

async function goBuild(set: BinarySet, draft: string, supervisor: Supervisor): Promise<void> {
  const flags = ['-trimpath', '-ldflags', set.linkerFlags, '-o', `${draft}/`];
  await supervisor.run({
    name: `build-${set.name}`,
    command: 'go',
    args: ['build', ...flags, ...Object.values(set.programs)],
    cwd: sources(set),
    env: { CGO_ENABLED: '0', GOFLAGS: '-mod=readonly -buildvcs=false' },
    graceMs: 2000,
  });
  nameByProgram(set, draft);
}

async function keepFolders(set: BinarySet, draft: string, supervisor: Supervisor): Promise<void> {
  if (!set.keeps) return;
  const { module, folders } = set.keeps;
  const directory = await supervisor.run({
    name: `find-${set.name}`,
    command: 'go',
    args: ['list', '-m', '-f', '{{.Dir}}', module],
    cwd: sources(set),
    env: { GOFLAGS: '-mod=readonly' },
  });
  for (const folder of folders) {
    cpSync(path.join(directory.trim(), folder), path.join(draft, 'kept', folder), {
      recursive: true,
    });
  }
}

/** Go names a program after the last part of its package, which for etcd is `server`. */
function nameByProgram(set: BinarySet, draft: string): void {
  for (const [program, goPackage] of Object.entries(set.programs)) {
    const built = path.join(draft, programNameOf(goPackage));
    if (!existsSync(built)) throw new PlatformError(`go build made no ${program}`);
    renameSync(built, path.join(draft, program));
  }
}

/** The name that Go gives to the program of a package: its last part that is no version. */
export function programNameOf(goPackage: string): string {
  const parts = goPackage.split('/');
  const last = parts.at(-1) ?? goPackage;
  return /^v\d+$/.test(last) ? (parts.at(-2) ?? last) : last;
}

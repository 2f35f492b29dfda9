import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import {
  ERRORED_STATE_FILE,
  LOCK_FILE,
  PLAN_FILE,
  VARIABLES_FILE,
} from '../terraform/engine-arguments.ts';
import { buildRootModule, ROOT_MODULE_FILE } from '../terraform/root-module.ts';
import type { RunSpec } from '../terraform/run-contract.ts';

/** The folder that the engine works in. */
export interface Workspace {
  directory: string;
  temporary: string;
  home: string;
}

/**
 * Writes the root module and the values of its variables.
 *
 * @param workDirectory a folder of this run alone; what a killed predecessor left is removed
 * @param platformDirectory what a relative module path is relative to
 * @param spec the run
 * @throws {InvalidModuleInputError} if the class names an input that cannot be one
 */
export async function prepareWorkspace(
  workDirectory: string,
  platformDirectory: string,
  spec: RunSpec,
): Promise<Workspace> {
  const directory = path.join(workDirectory, 'root');
  const workspace = {
    directory,
    temporary: path.join(workDirectory, 'tmp'),
    home: path.join(workDirectory, 'home'),
  };
  const source = resolveSource(spec.module.source, platformDirectory);
  const root = buildRootModule({ ...spec, module: { ...spec.module, source } });
  await rm(directory, { recursive: true, force: true });
  await Promise.all(
    Object.values(workspace).map((folder) => mkdir(folder, { recursive: true, mode: 0o700 })),
  );
  const variables = JSON.stringify(spec.variables);
  await Promise.all([
    writeFile(path.join(directory, ROOT_MODULE_FILE), root),
    writeFile(path.join(directory, VARIABLES_FILE), variables, { mode: 0o600 }),
  ]);
  return workspace;
}

/** The state that the engine could not hand over, if it left one. */
export async function readErroredState(workspace: Workspace): Promise<Buffer | undefined> {
  return readFile(path.join(workspace.directory, ERRORED_STATE_FILE)).catch(() => undefined);
}

/** The plan that the engine has saved. */
export async function readPlanFile({ directory }: Workspace): Promise<Buffer> {
  return readFile(path.join(directory, PLAN_FILE));
}

/** Puts a plan where the engine applies it from. */
export async function writePlanFile({ directory }: Workspace, file: Buffer): Promise<void> {
  await writeFile(path.join(directory, PLAN_FILE), file, { mode: 0o600 });
}

/** Which providers the engine chose; empty when it needed none. */
export async function readLockFile({ directory }: Workspace): Promise<string> {
  return readFile(path.join(directory, LOCK_FILE), 'utf8').catch(() => '');
}

/** Makes the engine choose these providers. */
export async function writeLockFile({ directory }: Workspace, text: string): Promise<void> {
  await writeFile(path.join(directory, LOCK_FILE), text);
}

/** Lets the engine choose anew. */
export async function removeLockFile({ directory }: Workspace): Promise<void> {
  await rm(path.join(directory, LOCK_FILE), { force: true });
}

/** The root module is generated elsewhere, so `./` would mean nothing that anybody meant. */
function resolveSource(source: string, platformDirectory: string): string {
  return /^\.{1,2}\//.test(source) ? path.resolve(platformDirectory, source) : source;
}

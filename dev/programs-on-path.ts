import { accessSync, constants } from 'node:fs';
import path from 'node:path';

/** Folders that hold programs for root even where PATH lacks them. */
const systemFolders = ['/usr/local/sbin', '/usr/sbin', '/sbin', '/usr/bin', '/bin'];

/**
 * @param program a name, or an absolute path
 * @returns whether it can be run
 */
export function isInstalled(program: string): boolean {
  if (path.isAbsolute(program)) return isExecutable(program);
  const folders = [...(process.env['PATH'] ?? '').split(':'), ...systemFolders];
  return folders.some((folder) => isExecutable(path.join(folder, program)));
}

/** The PATH of this process, made to reach the programs for root. */
export function extendPath(current: string | undefined): string {
  const folders = (current ?? '').split(':').filter((folder) => folder !== '');
  return [...folders, ...systemFolders.filter((folder) => !folders.includes(folder))].join(':');
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

import { createHash } from 'node:crypto';
import { chmodSync, mkdirSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';

/** Root of this checkout. */
export const checkoutDirectory = path.resolve(import.meta.dirname, '..');

/** What belongs to this checkout and is not in git: logs, `env`, kubeconfigs. */
export const localDirectory = path.join(checkoutDirectory, '.local');

/** One log file per process. */
export const logDirectory = path.join(localDirectory, 'logs');

/** Where what was built once is kept: binaries, images. `QM_CACHE` moves it. */
export const cacheDirectory =
  process.env['QM_CACHE'] ??
  path.join(process.env['XDG_CACHE_HOME'] ?? path.join(homedir(), '.cache'), 'quartermaster');

/** Sockets, lock, ledger of the one embedded platform of this machine; short, for socket paths. */
export const machineRunDirectory = '/run/quartermaster';

/** What the embedded node keeps: images and, per checkout, data. */
export const machineStateDirectory = '/var/lib/quartermaster';

/** True where parts that need root, such as containerd, can be started. */
export function isRoot(): boolean {
  return process.getuid?.() === 0;
}

/**
 * Where this checkout keeps its data (database, etcd, volumes) between starts. Outside the checkout,
 * because the database runs as another user, who may not be able to enter the checkout.
 */
export function dataDirectory(): string {
  const key = dataKey();
  return path.join(isRoot() ? machineStateDirectory : cacheDirectory, 'data', key);
}

/** Where a platform that keeps nothing has its data. */
export function temporaryDataDirectory(): string {
  return `${dataDirectory()}-temporary`;
}

function dataKey(): string {
  return createHash('sha256').update(checkoutDirectory).digest('hex').slice(0, 8);
}

/** Makes the folders of the machine; the database's user must be able to pass through them. */
export function ensureMachineDirectories(): void {
  for (const directory of [machineRunDirectory, machineStateDirectory]) {
    mkdirSync(directory, { recursive: true });
    chmodSync(directory, 0o711);
  }
}

/** Makes `.local` and its folders, closed to other users. */
export function ensureLocalDirectories(): void {
  mkdirSync(localDirectory, { recursive: true, mode: 0o700 });
  mkdirSync(logDirectory, { recursive: true, mode: 0o700 });
}

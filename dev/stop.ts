import { PlatformError } from './errors.ts';
import { ensureLocalDirectories } from './paths.ts';
import { findForeignPlatform, stopPlatform } from './stop-platform.ts';

ensureLocalDirectories();
try {
  const stopped = await stopPlatform();
  process.stdout.write(stopped ? 'The platform is stopped.\n' : 'No platform runs here.\n');
  const foreign = stopped ? null : findForeignPlatform();
  if (foreign) {
    process.stdout.write(`One runs from ${foreign}: stop it with its own script/stop.\n`);
  }
} catch (error) {
  if (!(error instanceof PlatformError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}

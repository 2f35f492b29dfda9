import { startDetached } from './detached-server.ts';
import { environmentFile } from './environment-file.ts';
import { InterruptedError, PlatformError } from './errors.ts';
import { startPlatform } from './platform.ts';
import { runInterruptibly } from './processes/run-interruptibly.ts';
import { formatDuration, sayOnTerminal } from './processes/say.ts';
import type { ServerArguments } from './server-arguments.ts';
import { parseServerArguments } from './server-arguments.ts';

/** Starts the platform and stays up until it is interrupted or a part of it ends. */
async function serve(options: ServerArguments, signal: AbortSignal): Promise<number> {
  const started = performance.now();
  sayOnTerminal('Starting Quartermaster:');
  const platform = await startPlatform({ ...options, say: sayOnTerminal, signal });
  sayOnTerminal(`Ready after ${formatDuration(performance.now() - started)}: ${platform.url}`);
  sayOnTerminal(`Sign in as ${platform.adminEmail}; password and more: . ${environmentFile}`);
  try {
    await Promise.race([platform.failed.then(failPlatform), untilAborted(signal)]);
    return 0;
  } finally {
    await platform.stop();
  }
}

function failPlatform(name: string): never {
  throw new PlatformError(`${name} has ended, so the platform is taken down.`);
}

function untilAborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const interrupt = (): void => reject(new InterruptedError());
    if (signal.aborted) interrupt();
    signal.addEventListener('abort', interrupt, { once: true });
  });
}

await runInterruptibly(async (signal) => {
  const args = process.argv.slice(2);
  const options = parseServerArguments(args);
  if (!options.detach) return serve(options, signal);
  return startDetached(
    args.filter((arg) => arg !== '--detach'),
    signal,
  );
});

import { InterruptedError, PlatformError } from '../errors.ts';

/** What a Ctrl-C gives as exit status: 128 + SIGINT. */
const interruptedStatus = 130;

/**
 * Runs a program that a person may interrupt at any moment: the first Ctrl-C (or SIGTERM, SIGHUP)
 * aborts the signal, and the program takes down what it started before it ends. Ends the process.
 *
 * @param main does the work and returns an exit status; must clean up before it throws
 */
export async function runInterruptibly(
  main: (signal: AbortSignal) => Promise<number>,
): Promise<never> {
  const controller = new AbortController();
  const interrupt = (): void => {
    if (controller.signal.aborted) return;
    process.stderr.write('\nstopping; this takes a few seconds\n');
    controller.abort();
  };
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, interrupt);
  // The reader of our output may go first: nobody to tell is no reason to leave things running.
  process.stdout.on('error', () => undefined);
  process.stderr.on('error', () => undefined);
  const status = await main(controller.signal).catch(report);
  process.exit(controller.signal.aborted ? interruptedStatus : status);
}

/** Our own errors are for people; anything else is a fault of ours, and its stack helps. */
function report(error: unknown): number {
  if (error instanceof InterruptedError) return interruptedStatus;
  if (error instanceof PlatformError) process.stderr.write(`\n${error.message}\n`);
  else console.error(error);
  return 1;
}

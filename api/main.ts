import { createLogger, type Logger } from '../lib/logger.ts';
import { ConfigurationError, toError } from '../lib/errors.ts';
import { createApp } from './app.ts';
import { readApiConfig, type ApiConfig } from './config.ts';
import { createApi, type Api } from './create-api.ts';
import { startGuestSweep, startHousekeeping, startKeyReload } from './housekeeping.ts';
import { startMailDelivery } from './mail/mail-delivery.ts';
import { startNotifications } from './notifications/start-notifications.ts';
import { retryUntilDone } from './retry.ts';
import { ApiServer } from './server.ts';

/** Runs the api until a signal ends it. */
async function run(config: ApiConfig, log: Logger, signal: AbortSignal): Promise<void> {
  const server = new ApiServer();
  const port = await server.listen({ host: config.HOST, port: config.PORT });
  log.info('listening', { host: config.HOST, port });
  const api = await createApi(config, log, signal);
  server.serve(createApp(api.dependencies).callback());
  const { database } = api.dependencies;
  const stops: (() => Promise<void>)[] = [];
  try {
    // Without tables the sync has nothing to work on; the rest of the api says so by itself.
    await retryUntilDone(() => database.schemaVersion(), {
      what: 'reach the database',
      log,
      signal,
    });
    api.sync?.start();
    stops.push(...startTasks(api, log));
    log.info('started');
    await aborted(signal);
  } finally {
    log.info('stopping');
    await server.close({ drainMs: config.DRAIN_SECONDS * 1_000 });
    await Promise.all(stops.map((stop) => stop()));
    await api.sync?.stop();
    await api.close();
  }
}

/** Begins what goes on beside the calls. @returns what ends it */
function startTasks({ dependencies, keys }: Api, log: Logger): (() => Promise<void>)[] {
  const { mailer } = dependencies;
  if (!mailer) log.warn('SMTP_URL is not set: no mail is sent; invitations and resets are refused');
  return [
    startHousekeeping(dependencies),
    startGuestSweep(dependencies),
    startKeyReload(keys, log),
    startNotifications(dependencies),
    ...(mailer ? [startMailDelivery({ ...dependencies, mailer })] : []),
  ];
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) =>
    signal.addEventListener('abort', () => resolve(), { once: true }),
  );
}

/** A signal that SIGTERM and SIGINT abort; a second one ends the process at once. */
function endOnSignals(): AbortSignal {
  const controller = new AbortController();
  for (const name of ['SIGTERM', 'SIGINT'] as const) {
    process.once(name, () => controller.abort());
  }
  return controller.signal;
}

async function main(): Promise<void> {
  const config = readApiConfig(process.env);
  const log = createLogger({ level: config.LOG_LEVEL, service: 'api' });
  const signal = endOnSignals();
  try {
    await run(config, log, signal);
  } catch (error) {
    if (signal.aborted) return;
    log.error('the api ends', { error: toError(error) });
    process.exitCode = 1;
  }
}

try {
  await main();
} catch (error) {
  if (!(error instanceof ConfigurationError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}

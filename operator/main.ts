import { toError } from '../lib/errors.ts';
import { readOperatorConfig, type OperatorConfig } from './config.ts';
import { openDeps, type OperatorDeps } from './deps.ts';
import { startHealthServer } from './health-server.ts';
import { Operator } from './operator.ts';
import { startRunApi } from './run-api/server.ts';

/** Longer than this, and the kubelet ends us anyway. */
const SHUTDOWN_LIMIT_MS = 25_000;

/** Something that runs, and ends in order. */
interface Running {
  stop(): Promise<void>;
}

/**
 * Starts the operator: first it can be asked how it is, then runners can report, then it works.
 * The end goes the other way round.
 */
async function start(config: OperatorConfig, deps: OperatorDeps): Promise<Running> {
  const operator = new Operator(config, deps);
  const health = await startHealthServer(config.HEALTH_PORT, () => operator.isReady);
  const runApi = await startRunApi({
    ...deps,
    namespace: config.RUNS_NAMESPACE,
    tokens: deps.access.tokens,
    server: deps.access.server,
    host: config.RUN_API_HOST,
    port: config.RUN_API_PORT,
  });
  await operator.start();
  deps.log.info('ready', { health: health.port, runApi: runApi.address });
  return {
    stop: async () => {
      await operator.stop();
      await runApi.close();
      await deps.events.flush();
      await health.close();
      await deps.client.close();
    },
  };
}

async function main(): Promise<void> {
  const config = readOperatorConfig(process.env);
  const deps = await openDeps(config);
  const running = await start(config, deps);
  const shutDown = (signal: string): void => {
    deps.log.info('stopping', { signal });
    const force = setTimeout(() => process.exit(1), SHUTDOWN_LIMIT_MS);
    running
      .stop()
      .catch((error: unknown) => {
        deps.log.error('the shutdown failed', { error: toError(error) });
        process.exitCode = 1;
      })
      .finally(() => clearTimeout(force));
  };
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, shutDown);
}

main().catch((error: unknown) => {
  // Before there is a configuration there is no logger either.
  process.stderr.write(`${toError(error).message}\n`);
  process.exit(1);
});

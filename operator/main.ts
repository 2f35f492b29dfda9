import { toError } from '../lib/errors.ts';
import { readOperatorConfig, type OperatorConfig } from './config.ts';
import { openDeps, type OperatorDeps } from './deps.ts';
import { startHealthServer } from './health-server.ts';
import { buildLeadership } from './leadership.ts';
import { startMetricsServer } from './metrics/metrics-server.ts';
import { OperatorMetrics } from './metrics/operator-metrics.ts';
import { startRunApi } from './run-api/server.ts';

/** Longer than this, and the kubelet ends us anyway. */
const SHUTDOWN_LIMIT_MS = 25_000;

/** Something that runs, and ends in order. */
interface Running {
  stop(): Promise<void>;
}

/**
 * Starts the operator: first it can be asked how it is, then runners can report to it, then it
 * watches, and works when it leads. The end goes the other way round.
 *
 * @param onLost called when it must end: it led and leads no more, or should not be here
 */
async function start(
  config: OperatorConfig,
  deps: OperatorDeps,
  onLost: (reason: string) => void,
): Promise<Running> {
  const metrics = new OperatorMetrics();
  const leadership = await buildLeadership(config, deps, { onLost, metrics });
  let isServing = false;
  const health = await startHealthServer(config.HEALTH_PORT, {
    isAlive: () => leadership.elector.isAlive,
    // Also a replica that does not lead serves runners.
    isReady: () => isServing && leadership.operator.isWarm,
  });
  const metricsServer = await startMetricsServer(config.METRICS_PORT, metrics.registry, deps.log);
  const runApi = await startRunApi({
    ...deps,
    namespace: config.RUNS_NAMESPACE,
    recallRun: (name) => leadership.operator.recallRun(name),
    tokens: deps.access.tokens,
    server: deps.access.server,
    host: config.RUN_API_HOST,
    port: config.RUN_API_PORT,
  });
  await leadership.start();
  isServing = true;
  const ports = { health: health.port, metrics: metricsServer.port };
  deps.log.info('ready', { ...ports, runApi: runApi.address });
  return {
    stop: async () => {
      isServing = false;
      await leadership.stop();
      await runApi.close();
      await deps.events.flush();
      await metricsServer.close();
      await health.close();
      await deps.client.close();
    },
  };
}

async function main(): Promise<void> {
  const config = readOperatorConfig(process.env);
  const deps = await openDeps(config);
  let isStopping = false;
  const shutDown = (reason: string): void => {
    if (isStopping) return;
    isStopping = true;
    deps.log.info('stopping', { reason });
    const force = setTimeout(() => process.exit(1), SHUTDOWN_LIMIT_MS);
    running
      .then((operator) => operator.stop())
      .catch((error: unknown) => {
        deps.log.error('the shutdown failed', { error: toError(error) });
        process.exitCode = 1;
      })
      .finally(() => clearTimeout(force));
  };
  // Whoever led and leads no more knows old things; a new start knows none.
  const onLost = (reason: string): void => {
    process.exitCode = 1;
    shutDown(reason);
  };
  const running = start(config, deps, onLost);
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, shutDown);
  await running;
}

main().catch((error: unknown) => {
  // Before there is a configuration there is no logger either.
  process.stderr.write(`${toError(error).message}\n`);
  process.exit(1);
});

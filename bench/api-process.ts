import cluster from 'node:cluster';
import { createApp } from '../api/app.ts';
import { AccessTokens } from '../api/auth/access-tokens.ts';
import { FileKeyStore } from '../api/auth/file-key-store.ts';
import { loadKeySet } from '../api/auth/key-store.ts';
import { PasswordHasher } from '../api/auth/password-hasher.ts';
import { SignInGuard } from '../api/auth/sign-in-guard.ts';
import { readApiConfig, type ApiConfig } from '../api/config.ts';
import { Database } from '../api/db/database.ts';
import type { Dependencies } from '../api/deps.ts';
import { Readiness } from '../api/readiness.ts';
import { ApiServer } from '../api/server.ts';
import { ConfigurationError } from '../lib/errors.ts';
import { systemClock } from '../lib/clock.ts';
import { createLogger } from '../lib/logger.ts';
import { catalogueOf, ordinaryClasses } from '../test/support/requests/class-objects.ts';

/**
 * The api under load: everything that serves a call is the product's, with its log on standard
 * output; only the catalogue of classes is given to it, since there is no Kubernetes. Run as a
 * program: BENCH_PROCESSES of it share the port, each as a replica of its own.
 */
async function serve(config: ApiConfig): Promise<void> {
  const log = createLogger({ level: config.LOG_LEVEL, service: 'api' });
  const database = new Database({
    appUrl: config.DATABASE_URL,
    systemUrl: config.SYSTEM_DATABASE_URL,
    maxConnections: config.DATABASE_POOL_SIZE,
    log,
  });
  if (config.KEYS_DIRECTORY === undefined) throw new ConfigurationError(['KEYS_DIRECTORY: needed']);
  const keys = await loadKeySet(new FileKeyStore(config.KEYS_DIRECTORY));
  const dependencies: Dependencies = {
    ...{ config, log, clock: systemClock, database, keys, kube: undefined },
    tokens: new AccessTokens(keys, config.PUBLIC_URL, systemClock),
    passwords: new PasswordHasher(),
    signIns: new SignInGuard(database, systemClock),
    mailer: undefined,
    classes: catalogueOf(ordinaryClasses()),
    readiness: new Readiness({ database, kube: undefined, clock: systemClock }),
    stopping: new AbortController().signal,
  };
  const server = new ApiServer();
  server.serve(createApp(dependencies).callback());
  await server.listen({ host: config.HOST, port: config.PORT });
  process.once('SIGTERM', () => {
    void server
      .close({ graceMs: 1_000 })
      .then(() => database.close())
      .then(() => process.exit(0));
  });
}

const processes = Number(process.env['BENCH_PROCESSES'] ?? '1');
if (cluster.isPrimary && processes > 1) {
  for (let started = 0; started < processes; started += 1) cluster.fork();
} else {
  await serve(readApiConfig(process.env));
}

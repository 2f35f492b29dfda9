import { v7 as uuid } from 'uuid';
import { AccessTokens } from '../../../api/auth/access-tokens.ts';
import { generateKeySet } from '../../../api/auth/key-set.ts';
import { PasswordHasher } from '../../../api/auth/password-hasher.ts';
import { SignInGuard } from '../../../api/auth/sign-in-guard.ts';
import { createApp } from '../../../api/app.ts';
import { readApiConfig } from '../../../api/config.ts';
import { Database } from '../../../api/db/database.ts';
import type { Dependencies } from '../../../api/deps.ts';
import { createMailer } from '../../../api/mail/mailer.ts';
import { buildOpenApi } from '../../../api/openapi.ts';
import { Readiness } from '../../../api/readiness.ts';
import { allRoutes } from '../../../api/routes/index.ts';
import { ApiServer } from '../../../api/server.ts';
import { noClassCatalogue } from '../../../api/sync/classes/class-catalogue.ts';
import { VERSION } from '../../../api/version.ts';
import { createDatabase, type TestDatabase } from '../../../dev/postgres/test-server.ts';
import { systemClock } from '../../../lib/clock.ts';
import type { LogFields, Logger } from '../../../lib/logger.ts';
import { Contract } from './contract.ts';
import { TestClient } from './test-client.ts';

/** One line that the api logged. */
export interface LogLine extends LogFields {
  level: string;
  message: string;
}

/** The api on a real port, over a database of its own. */
export interface TestApi {
  url: string;
  deps: Dependencies;
  database: TestDatabase;
  /** What was logged so far. */
  logged: LogLine[];
  /** A client that is not signed in. */
  client: TestClient;
  close(): Promise<void>;
}

/** All tests call from one address, and much more often than people do. */
const UNLIMITED = {
  RATE_LIMIT_PER_ADDRESS: '10000000',
  RATE_LIMIT_PER_PRINCIPAL: '10000000',
  RATE_LIMIT_SIGN_IN: '10000000',
};

/** The keys of all tests: making RSA keys takes long. */
const keys = generateKeySet();

/**
 * Starts the api.
 *
 * @param overrides parts to use in place of the ordinary ones
 * @param environment settings, as the environment would have them
 */
export async function startTestApi(
  overrides: Partial<Dependencies> = {},
  environment: Record<string, string> = {},
): Promise<TestApi> {
  const testDatabase = await createDatabase();
  const config = readApiConfig({
    DATABASE_URL: testDatabase.appUrl,
    SYSTEM_DATABASE_URL: testDatabase.systemUrl,
    KUBERNETES: 'disabled',
    ...UNLIMITED,
    ...environment,
  });
  const logged: LogLine[] = [];
  const log = recordingLogger(logged);
  const database = new Database({
    appUrl: config.DATABASE_URL,
    systemUrl: config.SYSTEM_DATABASE_URL,
    maxConnections: 5,
    log,
  });
  const clock = overrides.clock ?? systemClock;
  const stopping = new AbortController();
  const deps: Dependencies = {
    ...{ config, log, clock, database, keys },
    tokens: new AccessTokens(keys, config.PUBLIC_URL, clock),
    passwords: new PasswordHasher(),
    signIns: new SignInGuard(database, clock),
    mailer: createMailer(config),
    kube: undefined,
    classes: noClassCatalogue,
    readiness: new Readiness({ database, kube: undefined, clock }),
    stopping: stopping.signal,
    ...overrides,
  };
  const server = new ApiServer();
  server.serve(createApp(deps).callback());
  const port = await server.listen({
    host: '127.0.0.1',
    port: environment['PORT'] === undefined ? 0 : config.PORT,
  });
  const url = `http://127.0.0.1:${port}`;
  return {
    ...{ url, deps, logged },
    database: testDatabase,
    client: new TestClient(url, {}, contractOf(deps)),
    close: async () => {
      stopping.abort();
      await server.close({ graceMs: 0 });
      deps.mailer?.close();
      await database.close();
      await testDatabase.drop();
    },
  };
}

let contract: Contract | undefined;

/** The contract of every test api: the document does not depend on settings. */
function contractOf(deps: Dependencies): Contract {
  contract ??= new Contract(
    buildOpenApi(allRoutes(deps), { url: 'http://127.0.0.1', version: VERSION }),
  );
  return contract;
}

/** A logger that keeps its lines. */
export function recordingLogger(lines: LogLine[], fixed: LogFields = {}): Logger {
  const at =
    (level: string) =>
    (message: string, fields: LogFields = {}): void => {
      lines.push({ ...fixed, ...fields, level, message });
    };
  return {
    ...{ error: at('error'), warn: at('warn'), info: at('info'), debug: at('debug') },
    child: (fields) => recordingLogger(lines, { ...fixed, ...fields }),
  };
}

/** A name that no other test uses. */
export function unique(prefix: string): string {
  return `${prefix}-${uuid().slice(-12)}`;
}

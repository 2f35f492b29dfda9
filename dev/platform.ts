import { rmSync } from 'node:fs';
import path from 'node:path';
import { ensureAdministrator } from './administrator.ts';
import type { ClusterAccess } from './cluster-access.ts';
import { prepareDatabase, readGivenDatabaseUrl } from './database.ts';
import { startEmbeddedCluster } from './embedded-cluster.ts';
import { writeEnvironmentFile } from './environment-file.ts';
import { findKubeconfig, useExistingCluster } from './existing-cluster.ts';
import { dataDirectory, temporaryDataDirectory } from './paths.ts';
import type { Platform, PlatformOptions } from './platform-options.ts';
import type { PlatformSession } from './platform-session.ts';
import { beginSession } from './platform-session.ts';
import { checkMachine } from './preflight.ts';
import { choosePort } from './processes/free-port.ts';
import type { Say } from './processes/say.ts';
import { sayNothing, timed } from './processes/say.ts';
import { installProduct } from './product-manifests.ts';
import { startApi, startOperator } from './product.ts';
import { extendPath } from './programs-on-path.ts';

export type { Platform, PlatformOptions } from './platform-options.ts';

/** Who hears about the start, and where data goes. */
interface Place {
  readonly say: Say;
  readonly data: string;
}

/**
 * Starts everything on this machine: database, Kubernetes, images, the api and the operator, and
 * writes `.local/env`. If anything fails, or the signal is aborted, what was started is taken down
 * before this throws.
 *
 * @throws {PlatformError} saying what is missing or what failed, and how to go on
 * @throws {InterruptedError} when the signal was aborted
 */
export async function startPlatform(options: PlatformOptions = {}): Promise<Platform> {
  const say = options.say ?? sayNothing;
  const embedded = options.context === undefined;
  process.env['PATH'] = extendPath(process.env['PATH']);
  if (options.context === undefined) checkMachine();
  else findKubeconfig(options.context);
  const databaseUrl = options.databaseUrl ?? readGivenDatabaseUrl(process.env['DATABASE_URL']);
  const session = await beginSession({ embedded, signal: options.signal, say });
  try {
    const data = chooseData(session, options);
    return await bringUp(session, { ...options, databaseUrl }, { say, data });
  } catch (error) {
    await session.end();
    throw error;
  }
}

/** Where this platform keeps its data, emptied if asked for. */
function chooseData(session: PlatformSession, options: PlatformOptions): string {
  const directory = options.temporary ? temporaryDataDirectory() : dataDirectory();
  if (options.temporary || options.fresh) rmSync(directory, { recursive: true, force: true });
  if (options.temporary) session.supervisor.ledger.addDirectory(directory);
  return directory;
}

async function bringUp(
  session: PlatformSession,
  options: PlatformOptions,
  place: Place,
): Promise<Platform> {
  const { supervisor } = session;
  const { say, data } = place;
  const url = options.databaseUrl;
  const failed = new Promise<string>((resolve) => {
    supervisor.onUnexpectedExit((ended) => resolve(`${ended.name} (see ${ended.logFile})`));
  });
  const [database, cluster] = await Promise.all([
    prepareDatabase(supervisor, url ? { url } : { dataDirectory: data }, say),
    prepareCluster(session, options, place),
  ]);
  await timed(say, 'kinds, rights, catalogue', () => installProduct(cluster));
  const port = await choosePort(8080);
  const product = { supervisor, cluster, database, port };
  const [apiUrl, administrator] = await Promise.all([
    timed(say, 'api', () => startApi(product)),
    ensureAdministrator(supervisor, database),
    timed(say, 'operator', () => startOperator(product)),
  ]);
  const variables = {
    QM_URL: apiUrl,
    QM_ADMIN_EMAIL: administrator.email,
    QM_ADMIN_PASSWORD: administrator.password,
    QM_KUBECTL: cluster.kubectl,
    ...(cluster.context === undefined ? {} : { QM_CONTEXT: cluster.context }),
    KUBECONFIG: cluster.kubeconfig,
    DATABASE_URL: database.superuserUrl,
  };
  writeEnvironmentFile(
    variables,
    path.isAbsolute(cluster.kubectl) ? [path.dirname(cluster.kubectl)] : [],
  );
  return {
    url: apiUrl,
    adminEmail: administrator.email,
    adminPassword: administrator.password,
    kubeconfig: cluster.kubeconfig,
    context: cluster.context,
    kubectl: cluster.kubectl,
    databaseUrl: database.superuserUrl,
    ownerDatabaseUrl: database.ownerUrl,
    appDatabaseUrl: database.appUrl,
    systemDatabaseUrl: database.systemUrl,
    image: cluster.image,
    failed,
    stop: () => session.end(),
  };
}

function prepareCluster(
  session: PlatformSession,
  options: PlatformOptions,
  { say, data }: Place,
): Promise<ClusterAccess> {
  const { supervisor } = session;
  const { context, image } = options;
  if (context === undefined) return startEmbeddedCluster(supervisor, say, data);
  return useExistingCluster({ context, image, supervisor, say });
}

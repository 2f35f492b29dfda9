import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { once } from 'node:events';
import { PortForward, type KubeConfig } from '@kubernetes/client-node';
import pg from 'pg';
import type { World } from './world.ts';

/** A service inside the cluster. */
interface ServiceAddress {
  namespace: string;
  service: string;
  port: number;
}

/**
 * Opens the database as a developer would from a laptop: a port forward to its Service, then an
 * ordinary connection with the credentials of the Secret.
 *
 * @param credentials keys of the Secret: host, port, username, password, database
 * @returns one line about what the database answered
 */
export async function queryThroughPortForward(
  world: World,
  namespace: string,
  credentials: Record<string, string>,
): Promise<string> {
  const { host = '', port = '5432', username, password, database } = credentials;
  const target = { namespace, service: host.split('.')[0] ?? host, port: Number(port) };
  const server = await forward(world.kubeConfig, target);
  const client = new pg.Client({
    host: '127.0.0.1',
    port: (server.address() as AddressInfo).port,
    user: username,
    password,
    database,
    connectionTimeoutMillis: 10_000,
    query_timeout: 10_000,
  });
  try {
    await client.connect();
    return await useDatabase(client);
  } finally {
    await client.end();
    server.close();
  }
}

async function useDatabase(client: pg.Client): Promise<string> {
  await client.query('create table orders (id int primary key, article text not null)');
  await client.query("insert into orders values (1, 'lamp'), (2, 'chair')");
  const { rows } = await client.query<{ count: string; who: string; version: string }>(
    "select count(*) as count, current_user as who, current_setting('server_version') as version from orders",
  );
  const row = rows[0];
  if (row?.count !== '2') throw new Error('the database lost what was just written');
  return `${row.who} wrote and read ${row.count} rows on PostgreSQL ${row.version}`;
}

/** Listens on a free loopback port and forwards each connection to the Service. */
async function forward(kubeConfig: KubeConfig, target: ServiceAddress): Promise<Server> {
  const portForward = new PortForward(kubeConfig);
  const server = createServer((socket) => void forwardOne(portForward, target, socket));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

async function forwardOne(
  portForward: PortForward,
  target: ServiceAddress,
  socket: Socket,
): Promise<void> {
  socket.on('error', () => socket.destroy());
  try {
    const { namespace, service, port } = target;
    await portForward.portForwardService(namespace, service, [port], socket, null, socket);
  } catch (error) {
    // The database client sees a closed connection; the reason belongs to it.
    socket.destroy(error instanceof Error ? error : undefined);
  }
}

import { createServer } from 'node:net';

/**
 * @param host the address to listen on
 * @returns a TCP port that nobody used a moment ago
 */
export function findFreePort(host = '127.0.0.1'): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, host, () => {
      const address = server.address();
      const port = typeof address === 'object' && address ? address.port : 0;
      server.close(() => resolve(port));
    });
  });
}

/**
 * @param preferred the port to take if nobody uses it
 * @returns it, or another one that is free
 */
export function choosePort(preferred: number, host = '127.0.0.1'): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', () => void findFreePort(host).then(resolve, reject));
    server.listen(preferred, host, () => server.close(() => resolve(preferred)));
  });
}

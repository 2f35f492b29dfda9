import { createServer, connect, type AddressInfo, type Server, type Socket } from 'node:net';

/**
 * What a Service of Kubernetes is to its clients: one address, behind which each new connection goes
 * to one of the endpoints of the moment. Connections that stand stay where they are.
 */
export class PodService {
  /** Ports of the pods that new connections go to, in turn. */
  readonly endpoints: number[] = [];
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #connections = 0;

  private constructor() {
    this.#server = createServer((client) => this.#forward(client));
  }

  /** Starts one without endpoints. */
  static async start(): Promise<PodService> {
    const service = new PodService();
    await new Promise<void>((resolve) => service.#server.listen(0, '127.0.0.1', resolve));
    return service;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #forward(client: Socket): void {
    const port = this.endpoints[this.#connections % this.endpoints.length];
    this.#connections += 1;
    if (port === undefined) {
      client.destroy();
      return;
    }
    const pod = connect(port, '127.0.0.1');
    this.#join(client, pod);
    this.#join(pod, client);
  }

  #join(from: Socket, to: Socket): void {
    this.#sockets.add(from);
    from.pipe(to);
    from.on('error', () => to.destroy());
    from.once('close', () => this.#sockets.delete(from));
  }
}

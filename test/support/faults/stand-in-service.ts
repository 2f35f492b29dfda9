import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/** What a Service does for the pods behind it: each connection goes to one that takes it. */
export class StandInService {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  /** Ports of the pods: the first that takes a connection gets it. */
  ports: readonly number[] = [];
  /** How many connections each port got. */
  readonly taken = new Map<number, number>();

  private constructor() {
    this.#server = createServer((incoming) => this.#join(incoming, [...this.ports]));
  }

  /** Starts one that has no pods yet. */
  static async start(): Promise<StandInService> {
    const service = new StandInService();
    await new Promise<void>((resolve) => service.#server.listen(0, '127.0.0.1', resolve));
    return service;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  async stop(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  #join(incoming: Socket, [port, ...others]: number[]): void {
    if (port === undefined) {
      incoming.destroy();
      return;
    }
    const outgoing = connect(port, '127.0.0.1');
    const refused = (): void => this.#join(incoming, others);
    outgoing.once('error', refused);
    outgoing.once('connect', () => {
      outgoing.off('error', refused);
      this.taken.set(port, (this.taken.get(port) ?? 0) + 1);
      this.#pipe(incoming, outgoing);
    });
  }

  #pipe(one: Socket, other: Socket): void {
    for (const [from, to] of [
      [one, other],
      [other, one],
    ] as const) {
      this.#sockets.add(from);
      from.on('error', () => to.destroy());
      from.once('close', () => {
        this.#sockets.delete(from);
        to.destroy();
      });
      from.pipe(to);
    }
  }
}

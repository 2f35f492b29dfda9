import { subscribe } from 'node:diagnostics_channel';

/** When a process is to be killed. */
export interface KillPoint {
  /** Number of the write since it was armed, from 1. */
  at: number;
  /** Before it is sent, or when its answer has begun to come. */
  when: 'before' | 'after';
}

/** What the process hears. */
export interface ArmMessage {
  kill: KillPoint | undefined;
}

/** What the process says. */
export type CounterMessage = { kind: 'armed' } | { kind: 'write'; operation: string };

interface SentRequest {
  method: string;
  path: string;
}

// Loaded into a process before its program (`node --import`). It counts the calls that change
// something in the HTTP client itself, below everything that the program knows, and kills the process
// at the one that it was told to.

const numbers = new WeakMap<object, number>();
let kill: KillPoint | undefined;
let count = 0;

function say(message: CounterMessage): void {
  process.send?.(message);
}

/** Renewals of the leader's lease come with time, not with work. */
function isCounted({ method, path }: SentRequest): boolean {
  const isElection = path.includes(`/namespaces/${process.env['SYSTEM_NAMESPACE']}/leases`);
  return method !== 'GET' && path.startsWith('/api') && !isElection;
}

function killIf(when: KillPoint['when'], number: number): void {
  if (kill?.when === when && kill.at === number) process.kill(process.pid, 'SIGKILL');
}

process.on('message', (message: ArmMessage) => {
  kill = message.kill;
  count = 0;
  say({ kind: 'armed' });
});
// Nobody who listens to us keeps the process from ending.
process.channel?.unref();

subscribe('undici:request:create', (message) => {
  const { request } = message as { request: SentRequest };
  if (!isCounted(request)) return;
  count += 1;
  numbers.set(request, count);
  say({ kind: 'write', operation: `${request.method} ${request.path}` });
  killIf('before', count);
});

subscribe('undici:request:headers', (message) => {
  const { request } = message as { request: SentRequest };
  const number = numbers.get(request);
  if (number !== undefined) killIf('after', number);
});

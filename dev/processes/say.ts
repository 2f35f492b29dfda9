/** Tells the person at the terminal what is going on, one line at a time. */
export type Say = (line: string) => void;

/** Says it on standard output. */
export const sayOnTerminal: Say = (line) => {
  process.stdout.write(`${line}\n`);
};

/** Says nothing; for tests. */
export const sayNothing: Say = () => undefined;

/** Milliseconds as "1.3 s" or "2 min 5 s". */
export function formatDuration(milliseconds: number): string {
  const seconds = milliseconds / 1000;
  if (seconds < 60) return `${seconds.toFixed(1)} s`;
  return `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`;
}

/** Says how long a step took, once it is done. */
export async function timed<T>(say: Say, step: string, work: () => Promise<T>): Promise<T> {
  const started = performance.now();
  const result = await work();
  say(`  ${step} (${formatDuration(performance.now() - started)})`);
  return result;
}

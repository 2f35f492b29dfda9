/** Who holds a lock: one process of one run. */
export interface LockHolder {
  /** Name of the ResourceRun. */
  run: string;
  /** One runner process. */
  instance: string;
}

/** A holder as the Lease names it. */
export function formatHolder(holder: LockHolder): string {
  return `${holder.run}/${holder.instance}`;
}

/** Reads what {@link formatHolder} wrote; an empty text is nobody. */
export function parseHolder(text: string | undefined): LockHolder | undefined {
  if (text === undefined || text === '') return undefined;
  const slash = text.indexOf('/');
  return slash < 0
    ? { run: text, instance: '' }
    : { run: text.slice(0, slash), instance: text.slice(slash + 1) };
}

/** What somebody who wants the lock finds. */
export type LockAnswer =
  /** Nobody has it. */
  | { kind: 'free' }
  /** The one who asks has it. */
  | { kind: 'held' }
  /** The one who asks had it, and gave it back: it does not start again. */
  | { kind: 'returned' }
  /** Another process of the same run has it, or had it last. */
  | { kind: 'started' }
  /** Another run has it. */
  | { kind: 'locked'; run: string };

/**
 * What a lock means to somebody who wants it.
 *
 * @param holder who has it now
 * @param last who had it before, if nobody has it: the same run never starts twice
 * @param asking who wants it
 */
export function answerLock(
  holder: LockHolder | undefined,
  last: LockHolder | undefined,
  asking: LockHolder,
): LockAnswer {
  if (holder === undefined) {
    if (last?.run !== asking.run) return { kind: 'free' };
    return { kind: last.instance === asking.instance ? 'returned' : 'started' };
  }
  if (holder.run !== asking.run) return { kind: 'locked', run: holder.run };
  return holder.instance === asking.instance ? { kind: 'held' } : { kind: 'started' };
}

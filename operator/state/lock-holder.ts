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
  { kind: 'free' } | { kind: 'held' } | { kind: 'started' } | { kind: 'locked'; run: string };

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
    return last?.run === asking.run ? { kind: 'started' } : { kind: 'free' };
  }
  if (holder.run !== asking.run) return { kind: 'locked', run: holder.run };
  return holder.instance === asking.instance ? { kind: 'held' } : { kind: 'started' };
}

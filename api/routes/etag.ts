import { hash } from 'node:crypto';
import { PreconditionRequiredError, StaleError } from '../errors.ts';

/**
 * The strong entity tag of a thing as the API shows it: of the text itself, since presenters give
 * the members of a thing in one order, and the database those of its JSON.
 */
export function etagOf(shown: object): string {
  return `"${hash('sha256', JSON.stringify(shown), 'base64url').slice(0, 22)}"`;
}

/**
 * Refuses a change of what has changed since the caller read it (RFC 9110 §13.1.1). The row is
 * locked by then.
 *
 * @param ifMatch the header of the call
 * @param shown the thing as the API shows it now, in each form in which it may have been read
 * @throws {StaleError} when the header names another version
 */
export function requireFresh(ifMatch: string | undefined, ...shown: object[]): void {
  if (ifMatch === undefined || isAny(ifMatch)) return;
  const tags = ifMatch.split(',').map((tag) => tag.trim());
  if (!shown.some((form) => tags.includes(etagOf(form)))) throw new StaleError();
}

/**
 * Like {@link requireFresh}, where deciding about what one has not seen would be a mistake. `*` is
 * as good as no header: any version would match it (RFC 9110 §13.1.1), so it names none that was
 * seen, and 428 says what is missing, where 412 would claim that something has changed.
 *
 * @throws {PreconditionRequiredError} without the header, or when it names no version
 * @throws {StaleError} when the header names another version
 */
export function requireSeen(ifMatch: string | undefined, ...shown: object[]): void {
  if (ifMatch === undefined || isAny(ifMatch)) throw new PreconditionRequiredError();
  requireFresh(ifMatch, ...shown);
}

function isAny(ifMatch: string): boolean {
  return ifMatch.trim() === '*';
}

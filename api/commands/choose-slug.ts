import { ValidationFailedError } from '../errors.ts';
import { slugOf } from '../policies/slug.ts';

/**
 * The slug that was asked for, or the one of the name.
 *
 * @throws {ValidationFailedError} when the name has nothing to make a slug of
 */
export function chooseSlug(props: { name: string; slug?: string | undefined }): string {
  const slug = props.slug ?? slugOf(props.name);
  if (slug !== undefined) return slug;
  const message = 'The name has no letters to make a slug of; send one.';
  throw new ValidationFailedError([{ pointer: '/slug', message }]);
}

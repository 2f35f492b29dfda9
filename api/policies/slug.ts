import { z } from 'zod';

/** Longest slug of an organisation or a project. */
export const SLUG_LIMIT = 40;

/** A slug that a caller chose: a DNS label that starts with a letter. */
export const slugSchema = z
  .string()
  .min(1)
  .max(SLUG_LIMIT)
  .regex(
    /^[a-z]([-a-z0-9]*[a-z0-9])?$/,
    'Use lower-case letters, digits and dashes; start with a letter.',
  );

/**
 * The slug of a name: its letters and digits in lower case, joined by dashes.
 *
 * @returns undefined where a name has none that could start a slug
 */
export function slugOf(name: string): string | undefined {
  const slug = name
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^[^a-z]+/, '')
    .slice(0, SLUG_LIMIT)
    .replace(/-+$/, '');
  return slug === '' ? undefined : slug;
}

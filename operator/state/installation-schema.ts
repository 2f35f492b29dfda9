import { z } from 'zod';

/** More than a runner hands over; what is kept has to fit into a Secret beside the rest. */
const MOST_ENTRIES = 500;
const MOST_CHARACTERS = 256 * 1024;
const LONGEST_PATH = 1024;

/** Below the folder that it is in: each part a name that leads nowhere else. */
const pathBelow = z.string().refine(isPathBelow);

/**
 * What an engine has installed; see `Installation` of the runner's contract. It is put back in another
 * pod, so none of it may lie behind a link: that would be elsewhere.
 */
export const installationSchema = z
  .strictObject({
    links: z.record(pathBelow, z.string().startsWith('/')),
    files: z.record(pathBelow, z.string()),
  })
  .refine(({ links, files }) => {
    const places = [...Object.keys(links), ...Object.keys(files)];
    const characters = JSON.stringify([links, files]).length;
    if (places.length > MOST_ENTRIES || characters > MOST_CHARACTERS) return false;
    return !places.some((place) => parentsOf(place).some((parent) => Object.hasOwn(links, parent)));
  });

/** The length first: whoever sends megabytes of slashes shall not have them taken apart. */
function isPathBelow(text: string): boolean {
  if (text.length > LONGEST_PATH) return false;
  return text.split('/').every((part) => !['', '.', '..'].includes(part));
}

function parentsOf(place: string): string[] {
  const parts = place.split('/');
  return parts.slice(1).map((_, index) => parts.slice(0, index + 1).join('/'));
}

import { z } from 'zod';

/** Headers as OpenTelemetry writes them: `name=value` with percent-encoding, parted by commas. */
export const headersSchema = z
  .string()
  .transform((text) => text.split(',').filter((part) => part.trim() !== ''))
  .pipe(z.array(z.string().regex(/^\s*[\w!#$%&'*+.^`|~-]+\s*=/, 'Write name=value.')))
  .transform((parts) => Object.fromEntries(parts.map(splitPart)));

function splitPart(part: string): [string, string] {
  const at = part.indexOf('=');
  return [part.slice(0, at).trim(), decode(part.slice(at + 1).trim())];
}

/** What is no percent-encoding is meant as it stands. */
function decode(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}

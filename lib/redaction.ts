import { listSecretForms } from './secret-forms.ts';

/** What stands where a secret stood. */
export const MASK = '(sensitive value)';

const SENSITIVE_KEY =
  /pass(word|wd|phrase)?$|secret$|token$|^authorization$|cookie$|api[-_]?key$|private[-_]?key$|credential(s)?$|connection[-_]?string$/i;

/** URL user info: `scheme://user:password@host`. Bounded, so that long texts cost linear time. */
const URL_PASSWORD = /\b([a-z][a-z0-9+.-]{0,20}:\/\/[^\s:/@]*:)[^\s/@]+@/gi;
const BEARER = /\b(Bearer|Basic)\s+[A-Za-z0-9._~+/=-]{8,}/g;
const JWT = /\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*/g;
/** Our own keys, refresh tokens and those of mails; what is shown to recognise one by is shorter. */
const OWN_TOKEN = /\bqm[a-z]_[A-Za-z0-9_-]{16,}/g;
const PRIVATE_KEY = /-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?-----END [A-Z ]*PRIVATE KEY-----/g;

/** What each of these forms has in it: most texts have none, and are looked at once. */
const SUSPICIOUS = /PRIVATE KEY|eyJ|qm[a-z]_|Bearer|Basic|:\/\//;

/** Masks what is recognisable as a secret by its form alone. */
export function maskText(text: string): string {
  if (!SUSPICIOUS.test(text)) return text;
  return text
    .replace(PRIVATE_KEY, MASK)
    .replace(JWT, MASK)
    .replace(OWN_TOKEN, MASK)
    .replace(BEARER, `$1 ${MASK}`)
    .replace(URL_PASSWORD, `$1${MASK}@`);
}

/**
 * Builds a function that masks these values wherever they occur, in every form that
 * {@link listSecretForms} knows, and then everything that {@link maskText} knows.
 *
 * @param secrets values of at least 4 characters; shorter ones would mask ordinary text
 */
export function buildMask(secrets: Iterable<string>): (text: string) => string {
  const forms = new Set<string>();
  for (const secret of secrets) {
    if (secret.length >= 4) for (const form of listSecretForms(secret)) forms.add(form);
  }
  // Longest first, so that a secret that contains another is masked whole.
  const ordered = [...forms].sort((a, b) => b.length - a.length);
  return (text) => maskText(ordered.reduce((masked, form) => masked.replaceAll(form, MASK), text));
}

/**
 * A copy of a value that is fit for a log: values under sensitive keys are masked, texts go
 * through {@link maskText}, depth and length are bounded.
 */
export function redact(value: unknown, depth = 0): unknown {
  if (typeof value === 'string') {
    return maskText(value.length > 16_384 ? `${value.slice(0, 16_384)}…` : value);
  }
  if (typeof value !== 'object' || value === null) return value;
  if (depth >= 6) return '(too deep)';
  if (value instanceof Date) return value.toISOString();
  if (value instanceof Error) return redactError(value, depth);
  if (Array.isArray(value)) return value.slice(0, 100).map((item) => redact(item, depth + 1));
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [
      key,
      SENSITIVE_KEY.test(key) && item !== undefined && item !== null
        ? MASK
        : redact(item, depth + 1),
    ]),
  );
}

/** Only fields that are known to be harmless: library errors carry headers, bodies and queries. */
function redactError(error: Error, depth: number): unknown {
  const { code } = error as { code?: unknown };
  return {
    name: error.name,
    message: redact(error.message, depth + 1),
    ...(typeof code === 'string' || typeof code === 'number' ? { code } : {}),
    stack: redact(error.stack, depth + 1),
    ...(error.cause === undefined ? {} : { cause: redact(error.cause, depth + 1) }),
  };
}

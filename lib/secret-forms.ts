/** Shorter ones, cut to what is the same wherever it stands in base64, would be found by chance. */
const SHORTEST_CORE_BYTES = 12;
const SHORTEST_LINE = 8;

/**
 * Every form in which a value turns up in what programs print: as it is, line by line, in JSON, in
 * URLs and in base64, as JavaScript and as Go write them.
 */
export function listSecretForms(secret: string): string[] {
  const json = JSON.stringify(secret).slice(1, -1);
  const url = encodeURIComponent(secret);
  const strictUrl = url.replace(/[!'()*]/g, escapeForUrl);
  const forms = [
    secret,
    ...listLines(secret),
    json,
    json.replace(/[<>&]/g, escapeForJson),
    url,
    strictUrl,
    strictUrl.replaceAll('%20', '+'),
    strictUrl.replaceAll('%20', '+').replaceAll('~', '%7E'),
    ...listBase64Forms(Buffer.from(secret)),
  ];
  return [...new Set(forms)];
}

function listLines(secret: string): string[] {
  if (!secret.includes('\n')) return [];
  return secret.split(/\r?\n/).filter((line) => line.length >= SHORTEST_LINE);
}

/** In base64 a value looks different by where it begins in the text: there are three ways. */
function listBase64Forms(bytes: Buffer): string[] {
  const shifts = bytes.length < SHORTEST_CORE_BYTES ? [] : [0, 1, 2];
  const cores = shifts.map((shift) => {
    const text = Buffer.concat([Buffer.alloc(shift), bytes]).toString('base64');
    const begin = Math.ceil((shift * 8) / 6);
    return text.slice(begin, Math.floor(((shift + bytes.length) * 8) / 6));
  });
  const forms = [bytes.toString('base64'), ...cores];
  return [...forms, bytes.toString('base64url'), ...forms.map(toBase64Url)];
}

function toBase64Url(text: string): string {
  return text.replaceAll('+', '-').replaceAll('/', '_');
}

function escapeForUrl(sign: string): string {
  return `%${sign.charCodeAt(0).toString(16).toUpperCase()}`;
}

function escapeForJson(sign: string): string {
  return `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

import { z } from 'zod';

const QUOTA_ENTRY = /^[a-z0-9]([a-z0-9./-]*[a-z0-9])?=\d+(\.\d+)?([numkMGTPE]|[KMGTPE]i)?$/;
const NAMESPACE_NAME = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;
const NONE = 'none';

/** What the whole namespace of a project may use: limits of a ResourceQuota by their names. */
export type ProjectQuota = Readonly<Record<string, string>>;

/** `name=quantity`, parted by commas, as a ResourceQuota names them; `none` for no quota. */
export const quotaSchema = z
  .string()
  .transform(splitList)
  .pipe(z.array(z.string().regex(QUOTA_ENTRY, 'Write pods=200,requests.storage=2Ti, or none.')))
  .transform((entries): ProjectQuota => Object.fromEntries(entries.map(splitEntry)));

/** Names of namespaces, parted by commas. */
export const namespacesSchema = z
  .string()
  .transform(splitList)
  .pipe(z.array(z.string().regex(NAMESPACE_NAME, 'Write names of namespaces, parted by commas.')));

function splitEntry(entry: string): [string, string] {
  const at = entry.indexOf('=');
  return [entry.slice(0, at), entry.slice(at + 1)];
}

function splitList(text: string): string[] {
  const parts = text.split(',').map((part) => part.trim());
  return parts.filter((part) => part !== '' && part !== NONE);
}

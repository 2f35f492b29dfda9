import { markerVariable } from './leftovers.ts';

const passedOn =
  /^(PATH|HOME|USER|LANG|LC_.*|TMPDIR|TERM|CI|XDG_.*|GO.*|(https?|no|all)_proxy|SSL_CERT_.*|NODE_EXTRA_CA_CERTS)$/i;

/**
 * The environment of a child: what any program needs of ours (never the secrets that happen to be
 * in it), what it is given, and the marker by which it is found again.
 *
 * @param given variables for this child
 * @param ledgerFile the ledger of its launcher
 */
export function buildEnvironment(
  given: Readonly<Record<string, string>>,
  ledgerFile: string,
): Record<string, string> {
  const inherited: Record<string, string> = {};
  for (const [name, value] of Object.entries(process.env)) {
    if (value !== undefined && passedOn.test(name)) inherited[name] = value;
  }
  return { ...inherited, ...given, [markerVariable]: ledgerFile };
}

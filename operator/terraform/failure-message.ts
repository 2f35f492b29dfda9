import { formatDiagnostic, type Diagnostic } from './engine-events.ts';

/** As FAILURE_MESSAGE_LIMIT of the contract, repeated because the runner loads no zod. */
export const MESSAGE_LIMIT = 8192;

const CUT = '\n… (shortened)';

/**
 * The text of a failure: the engine's errors in its own words, else the end of what it printed.
 *
 * @param diagnostics what the engine reported; warnings are left out
 * @param fallback what to say when it reported no error
 * @param mask applied before the text is cut, so that no half of a secret stays
 */
export function buildFailureMessage(
  diagnostics: readonly Diagnostic[],
  fallback: string,
  mask: (text: string) => string,
): string {
  const errors = diagnostics.filter((diagnostic) => diagnostic.severity === 'error');
  const text = errors.length > 0 ? errors.map(formatError).join('\n\n') : fallback;
  return boundMessage(mask(text));
}

/** Cuts a text to what a status may carry. */
export function boundMessage(text: string): string {
  return text.length <= MESSAGE_LIMIT ? text : `${text.slice(0, MESSAGE_LIMIT - CUT.length)}${CUT}`;
}

function formatError(diagnostic: Diagnostic): string {
  return formatDiagnostic(diagnostic).replace(/^error: /, '');
}

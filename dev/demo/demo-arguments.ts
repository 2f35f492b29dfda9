import { parseArgs } from 'node:util';
import { PlatformError } from '../errors.ts';

/** What `script/demo` was asked for. */
export interface DemoArguments {
  readonly keep: boolean;
  readonly context: string | undefined;
  readonly image: string | undefined;
}

/** How `script/demo` is used. */
export const demoUsage = 'usage: script/demo [--keep] [--context NAME [--image NAME]]';

/**
 * @param args the arguments after the program
 * @throws {PlatformError} with the usage, if they cannot be understood
 */
export function parseDemoArguments(args: readonly string[]): DemoArguments {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        keep: { type: 'boolean', default: false },
        context: { type: 'string' },
        image: { type: 'string' },
      },
    });
    const { keep, context, image } = values;
    return { keep, context, image };
  } catch (cause) {
    throw new PlatformError(demoUsage, { cause });
  }
}

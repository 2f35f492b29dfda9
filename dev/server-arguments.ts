import { parseArgs } from 'node:util';
import { PlatformError } from './errors.ts';

/** What `script/server` was asked for. */
export interface ServerArguments {
  readonly detach: boolean;
  readonly fresh: boolean;
  readonly context: string | undefined;
  readonly image: string | undefined;
}

/** How `script/server` is used. */
export const serverUsage =
  'usage: script/server [--detach] [--fresh] [--context NAME [--image NAME]]';

/**
 * @param args the arguments after the program
 * @throws {PlatformError} with the usage, if they cannot be understood
 */
export function parseServerArguments(args: readonly string[]): ServerArguments {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        detach: { type: 'boolean', default: false },
        fresh: { type: 'boolean', default: false },
        context: { type: 'string' },
        image: { type: 'string' },
      },
    });
    const { detach, fresh, context, image } = values;
    return { detach, fresh, context, image };
  } catch (cause) {
    throw new PlatformError(serverUsage, { cause });
  }
}

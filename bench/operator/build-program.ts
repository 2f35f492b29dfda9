import path from 'node:path';
import { execa } from 'execa';
import { checkoutDirectory, localDirectory } from '../../dev/paths.ts';

const output = path.join(localDirectory, 'bench', 'dist');

/**
 * Compiles the product as the image has it; from source, Node's own compiler would count as ours.
 * Types are not checked: that is done elsewhere, and takes longer than many a measurement.
 *
 * @returns the folder that stands for `dist`
 * @throws what tsc says, if it does not compile
 */
export function buildProgram(): Promise<string> {
  built ??= build();
  return built;
}

let built: Promise<string> | undefined;

async function build(): Promise<string> {
  const compiler = path.join(checkoutDirectory, 'node_modules', 'typescript', 'bin', 'tsc');
  const settings = ['-p', 'tsconfig.build.json', '--noCheck', '--outDir', output];
  await execa(process.execPath, [compiler, ...settings], { cwd: checkoutDirectory });
  return output;
}

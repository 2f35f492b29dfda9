import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { execa } from 'execa';

/** How long one block may take; some wait for something. */
const PATIENCE_MS = 120_000;

/** One shell session in which the blocks of a page are played one after the other. */
export class GuideSession {
  readonly #directory = mkdtempSync(path.join(tmpdir(), 'quartermaster-test-guide-'));
  readonly #state = path.join(this.#directory, 'state.sh');

  /** @param variables what the reader has in their environment */
  constructor(variables: Record<string, string>) {
    writeFileSync(this.#state, '');
    this.set(variables);
  }

  /** Gives the session variables that a reader would have from elsewhere: out of a mail, for one. */
  set(variables: Record<string, string>): void {
    const lines = Object.entries(variables).map(([name, value]) => `export ${name}='${value}'\n`);
    writeFileSync(this.#state, lines.join(''), { flag: 'a' });
  }

  /**
   * Plays a block with what the ones before have left: variables and functions.
   *
   * @returns what it printed
   * @throws {Error} with its words, as soon as a command of it fails
   */
  async play(script: string): Promise<string> {
    const program = [
      `. "$STATE_FILE"; set -aeu -o pipefail`,
      script,
      `{ export -p; declare -f; } > "$STATE_FILE"`,
    ];
    const { stdout } = await execa('bash', ['-c', program.join('\n')], {
      cwd: this.#directory,
      env: { STATE_FILE: this.#state },
      timeout: PATIENCE_MS,
    });
    return stdout;
  }

  /** Removes what the session has left. */
  close(): void {
    rmSync(this.#directory, { recursive: true, force: true });
  }
}

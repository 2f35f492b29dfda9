import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { execa } from 'execa';
import { findFreePort } from '../../../dev/processes/free-port.ts';
import type { Supervisor } from '../../../dev/processes/supervisor.ts';
import { waitFor } from '../../../dev/processes/wait-for.ts';

const branch = 'main';

/** Nothing of what the person who runs the tests has set for Git. */
const environment = { GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_NOSYSTEM: '1' };

/** A Git server on loopback, whose repositories a test writes. */
export class GitServer {
  readonly #directory: string;
  readonly #address: string;

  private constructor(directory: string, address: string) {
    this.#directory = directory;
    this.#address = address;
  }

  /** Starts it over a folder, and waits until it answers. */
  static async start(supervisor: Supervisor, directory: string): Promise<GitServer> {
    mkdirSync(directory, { recursive: true });
    const port = await findFreePort();
    const running = supervisor.start({
      name: 'git-daemon',
      command: 'git',
      args: [
        ...['daemon', '--reuseaddr', '--export-all', `--base-path=${directory}`],
        ...['--listen=127.0.0.1', `--port=${port}`],
      ],
      env: environment,
    });
    const server = new GitServer(directory, `git://127.0.0.1:${port}`);
    const probe = await server.makeRepository('probe');
    await probe.commit({ 'probe.txt': 'answers\n' });
    const answers = async (): Promise<boolean> =>
      (await git(['ls-remote', probe.url])).includes(branch);
    await waitFor(answers, { what: 'the Git server', process: running, signal: supervisor.signal });
    return server;
  }

  /** Makes an empty repository. */
  async makeRepository(name: string): Promise<GitRepository> {
    const directory = path.join(this.#directory, name);
    await git(['init', '--quiet', `--initial-branch=${branch}`, directory]);
    return new GitRepository(directory, `${this.#address}/${name}`);
  }
}

/** A repository of the server, with one branch. */
export class GitRepository {
  /** The folder that the next commit is made of; tests may put files there. */
  readonly directory: string;
  /** Where others get it. */
  readonly url: string;

  constructor(directory: string, url: string) {
    this.directory = directory;
    this.url = url;
  }

  /**
   * Commits everything that stands in the folder.
   *
   * @param changes files that are written before, by their paths; null takes one away
   * @returns the commit
   */
  async commit(changes: Readonly<Record<string, string | null>> = {}): Promise<string> {
    for (const [name, content] of Object.entries(changes)) {
      const file = path.join(this.directory, name);
      mkdirSync(path.dirname(file), { recursive: true });
      if (content === null) rmSync(file);
      else writeFileSync(file, content);
    }
    const author = ['-c', 'user.name=Tests', '-c', 'user.email=tests@example.com'];
    const inside = ['-C', this.directory];
    await git([...inside, 'add', '--all']);
    await git([...inside, ...author, 'commit', '--quiet', '--message', 'A change']);
    return git([...inside, 'rev-parse', 'HEAD']);
  }
}

async function git(args: readonly string[]): Promise<string> {
  const { stdout } = await execa('git', args, { env: environment, timeout: 20_000 });
  return stdout;
}

import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect } from 'chai';
import { tryLock, unlock } from '../../../dev/processes/file-lock.ts';
import { decideLeftovers } from '../../../dev/processes/leftovers.ts';
import type { LedgerContent } from '../../../dev/processes/ledger.ts';
import { Ledger, readLedger } from '../../../dev/processes/ledger.ts';
import {
  identifyProcess,
  isAlive,
  parseProcessStat,
} from '../../../dev/processes/process-identity.ts';
import { Supervisor } from '../../../dev/processes/supervisor.ts';

describe('the identity of a process', () => {
  it('is read from a stat line whose command contains brackets and blanks', () => {
    const fields = Array.from({ length: 20 }, (_, index) => String(index + 100)).join(' ');
    const stat = parseProcessStat(`42 (a) b (c) S ${fields}`);
    expect(stat).to.deep.equal({ state: 'S', startTime: '118' });
  });

  it('is not shared by a later process with the same id', () => {
    const self = identifyProcess(process.pid)!;
    expect(isAlive({ pid: self.pid, startTime: 'another' })).to.equal(false);
    expect(isAlive(self)).to.equal(true);
  });

  it('is null for an id that nobody has', () => {
    expect(identifyProcess(2 ** 22 + 1)).to.equal(null);
  });
});

describe('leftovers of a launcher', () => {
  const owner = { pid: 1, startTime: 'a', checkout: '/somewhere' };
  const etcd = { name: 'etcd', pid: 2, startTime: 'b' };
  const server = { name: 'server', pid: 3, startTime: 'c' };
  const ledger: LedgerContent = { owner, processes: [etcd, server], directories: [] };
  const aliveOf =
    (...pids: number[]) =>
    (identity: { pid: number }): boolean =>
      pids.includes(identity.pid);

  it('are left alone while the launcher lives', () => {
    expect(decideLeftovers(ledger, aliveOf(1, 2, 3))).to.deep.equal({ kind: 'running', owner });
  });

  it('are nothing where nothing was recorded', () => {
    expect(decideLeftovers(null, aliveOf(1))).to.deep.equal({ kind: 'nothing' });
  });

  it('are ended youngest first once the launcher is dead, without those that have ended', () => {
    const all = decideLeftovers(ledger, aliveOf(2, 3));
    expect(all).to.deep.equal({ kind: 'clean', processes: [server, etcd] });
    const some = decideLeftovers(ledger, aliveOf(2));
    expect(some).to.deep.equal({ kind: 'clean', processes: [etcd] });
  });
});

describe('the supervisor', () => {
  let directory: string;
  let supervisor: Supervisor;
  const sleeper = (name: string): { name: string; command: string; args: string[] } => ({
    name,
    command: process.execPath,
    args: ['-e', 'setInterval(() => undefined, 1000)'],
  });

  beforeEach(() => {
    directory = mkdtempSync(path.join(tmpdir(), 'quartermaster-supervisor-'));
    const ledger = Ledger.create(path.join(directory, 'ledger.json'));
    supervisor = new Supervisor({ ledger, logDirectory: directory });
  });
  afterEach(async () => {
    await supervisor.stopAll();
    rmSync(directory, { recursive: true, force: true });
  });

  it('has a process in the ledger as soon as it is started, and not after it was stopped', async () => {
    const running = supervisor.start(sleeper('one'));
    const recorded = readLedger(supervisor.ledger.file)?.processes;
    expect(recorded).to.deep.equal([{ name: 'one', ...running.identity }]);
    await supervisor.stopAll();
    expect(isAlive(running.identity)).to.equal(false);
    expect(readLedger(supervisor.ledger.file)?.processes).to.deep.equal([]);
  });

  it('finds children that a process has left behind in a group of their own', async () => {
    const script = `const c = require('node:child_process').spawn(process.execPath,
      ['-e', 'setInterval(() => undefined, 1000)'], { detached: true, stdio: 'ignore' });
      c.unref(); console.log(c.pid);`;
    const output = await supervisor.run({
      name: 'parent',
      command: process.execPath,
      args: ['-e', script],
    });
    const child = identifyProcess(Number(output))!;
    expect(isAlive(child)).to.equal(true);
    await supervisor.stopAll();
    expect(isAlive(child)).to.equal(false);
  });

  it('tells when a process ends that nobody stopped', async () => {
    const ended = new Promise<string>((resolve) => {
      supervisor.onUnexpectedExit((running) => resolve(running.name));
    });
    const running = supervisor.start(sleeper('doomed'));
    process.kill(running.identity.pid, 'SIGKILL');
    expect(await ended).to.equal('doomed');
  });

  it('reports a failed program with the end of its log', async () => {
    const args = ['-e', 'console.error("no such luck"); process.exit(3)'];
    const failure = await supervisor
      .run({ name: 'unlucky', command: process.execPath, args })
      .then(() => null)
      .catch((error: unknown) => error as Error);
    expect(failure?.message).to.include('status 3').and.include('no such luck');
  });
});

describe('a file lock', () => {
  let file: string;
  beforeEach(() => {
    file = path.join(mkdtempSync(path.join(tmpdir(), 'quartermaster-lock-')), 'lock');
  });
  afterEach(() => rmSync(path.dirname(file), { recursive: true, force: true }));

  it('is refused while its holder lives, and names the holder', () => {
    expect(tryLock(file)).to.equal(null);
    expect(tryLock(file)?.pid).to.equal(process.pid);
    unlock(file);
    expect(tryLock(file)).to.equal(null);
  });

  it('is taken over from a holder that has died', async () => {
    const program = path.resolve(import.meta.dirname, '../../../dev/processes/file-lock.ts');
    const script = `import { tryLock } from ${JSON.stringify(program)};
      process.exit(tryLock(${JSON.stringify(file)}) === null ? 0 : 1);`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', script]);
    const code = await new Promise((resolve) => child.once('exit', resolve));
    expect(code).to.equal(0);
    expect(tryLock(file)).to.equal(null);
  });
});

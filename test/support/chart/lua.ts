import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { execa } from 'execa';
import { Ledger } from '../../../dev/processes/ledger.ts';
import { sayOnTerminal } from '../../../dev/processes/say.ts';
import { Supervisor } from '../../../dev/processes/supervisor.ts';
import { ensureSystemPackages, luaPackages } from '../../../dev/system-packages.ts';

/** What a health script says. */
export interface HealthStatus {
  status: string;
  message: string;
}

/** Installs Lua 5.1, the version that Argo CD speaks, where it is missing. */
export async function ensureLua(): Promise<void> {
  const directory = mkdtempSync(path.join(tmpdir(), 'quartermaster-test-lua-'));
  const ledger = Ledger.create(path.join(directory, 'ledger.json'));
  const supervisor = new Supervisor({ ledger, logDirectory: path.join(directory, 'logs') });
  try {
    await ensureSystemPackages(supervisor, sayOnTerminal, luaPackages);
  } finally {
    await supervisor.stopAll();
    rmSync(directory, { recursive: true, force: true });
  }
}

/** Runs a health script as Argo CD does: the resource is the global `obj`. */
export async function runHealthScript(script: string, resource: unknown): Promise<HealthStatus> {
  const program = [
    `obj = ${toLua(resource)}`,
    `local health = dofile(${quote(script)})`,
    `io.write(health.status, "\\n", health.message)`,
  ].join('\n');
  const { stdout } = await execa('lua5.1', ['-'], { input: program, timeout: 10_000 });
  const [status = '', ...message] = stdout.split('\n');
  return { status, message: message.join('\n') };
}

function toLua(value: unknown): string {
  if (value === null || value === undefined) return 'nil';
  if (Array.isArray(value)) return `{${value.map(toLua).join(', ')}}`;
  if (typeof value === 'object') {
    const fields = Object.entries(value).map(([key, field]) => `[${quote(key)}] = ${toLua(field)}`);
    return `{${fields.join(', ')}}`;
  }
  return typeof value === 'string' ? quote(value) : JSON.stringify(value);
}

function quote(text: string): string {
  return `"${text.replace(/[\\"]/g, String.raw`\$&`).replaceAll('\n', String.raw`\n`)}"`;
}

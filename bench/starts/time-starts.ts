/**
 * Runs inside a pod of the api, where the image, the settings, the rights and the limits of the
 * product are. Prints one line of JSON: the milliseconds of each start.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { get } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

const PORT = 18080;
/** In memory, since nothing else in the pod can be written to. */
const FOLDER = '/dev/shm';

interface Timing {
  rounds: number;
  /** Of the server that the runner calls. */
  certificate: string;
  key: string;
  authority: string;
}

const timing = JSON.parse(process.env['TIMING'] ?? '') as Timing;

/** From the start of the process until it says that it is ready. */
async function timeApi(): Promise<number> {
  const began = performance.now();
  const settings = { HOST: '127.0.0.1', PORT: String(PORT), DRAIN_SECONDS: '0' };
  const child = start('api', settings);
  while ((await readStatus()) !== 200) await sleep(5);
  return end(child, began);
}

/** From the start of the process until its first call arrives, which claims its run. */
async function timeRunner(): Promise<number> {
  const { certificate, key, authority } = timing;
  const server = createServer({ cert: certificate, key }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const url = `https://127.0.0.1:${port}`;
  const file = `${FOLDER}/run.json`;
  writeFileSync(file, JSON.stringify({ url, ca: authority, token: 'none', run: 'none' }));
  const began = performance.now();
  const settings = { RUN_FILE: file, WORK_DIRECTORY: `${FOLDER}/work` };
  const child = start('runner', { ...settings, NODE_OPTIONS: '--use-openssl-ca' });
  await once(server, 'request');
  const milliseconds = await end(child, began);
  server.close();
  return milliseconds;
}

function start(command: string, settings: Record<string, string>): ChildProcess {
  const env = { ...process.env, ...settings, TIMING: undefined };
  return spawn('node', ['/opt/quartermaster/bin/quartermaster.js', command], {
    env,
    stdio: 'ignore',
  });
}

async function end(child: ChildProcess, began: number): Promise<number> {
  const milliseconds = performance.now() - began;
  child.kill('SIGKILL');
  await once(child, 'exit');
  return milliseconds;
}

function readStatus(): Promise<number | undefined> {
  return new Promise((resolve) => {
    const call = get({ port: PORT, path: '/ready' }, (answer) => {
      answer.resume();
      resolve(answer.statusCode);
    });
    call.on('error', () => resolve(undefined));
  });
}

async function repeat(time: () => Promise<number>): Promise<number[]> {
  const times: number[] = [];
  for (let round = 0; round < timing.rounds; round += 1) {
    times.push(await time());
    await sleep(500);
  }
  return times;
}

const api = await repeat(timeApi);
const runner = await repeat(timeRunner);
process.stdout.write(`${JSON.stringify({ api, runner })}\n`);
process.exit(0);

#!/usr/bin/env node
// The real engine, only that it gives up at once when its state cannot be saved.
import { spawn } from 'node:child_process';
import process from 'node:process';

const child = spawn(process.env.REAL_ENGINE, process.argv.slice(2), {
  stdio: 'inherit',
  env: { ...process.env, TF_HTTP_RETRY_MAX: '0' },
});
child.on('close', (code) => {
  process.exitCode = code ?? 1;
});

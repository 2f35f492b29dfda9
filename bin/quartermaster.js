#!/usr/bin/env node
/**
 * The entry point of the image: `api`, `operator`, `runner`, or `state-admin` for people. Loads only
 * the program that was asked for, because the runner has to start fast.
 */

const programs = {
  api: '../dist/api/main.js',
  operator: '../dist/operator/main.js',
  runner: '../dist/operator/runner/main.js',
  'state-admin': '../dist/operator/state-admin/main.js',
};

const [name] = process.argv.splice(2, 1);
const program = Object.entries(programs).find(([known]) => known === name)?.[1];

if (program === undefined) {
  process.stderr.write(`Usage: quartermaster ${Object.keys(programs).join(' | ')}\n`);
  process.exitCode = 64;
} else {
  await import(program);
}

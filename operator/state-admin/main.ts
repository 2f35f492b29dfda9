import { runStateAdmin } from './run-state-admin.ts';

/** Shows and restores states, and changes the keys that they are sealed with: docs/operate-state.md. */
const { code, stdout, stderr } = await runStateAdmin(process.argv.slice(2), process.env);
process.stdout.write(stdout);
process.stderr.write(stderr);
process.exitCode = code;

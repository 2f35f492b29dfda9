/** Settings of the runner; the image sets none of them, tests do. */
export interface RunnerConfig {
  /** The file with the run API's address and our token. */
  runFile: string;
  /** An empty folder for this run alone. */
  workDirectory: string;
  /** What relative module paths of classes are relative to. */
  platformDirectory: string;
  /** The engines, by name or path. */
  engines: { opentofu: string; terraform: string };
  /** How long the engine may take to save its state after it was told to stop. */
  graceMs: number;
  /** What is written here is shown with the pod when it has ended. */
  terminationFile: string;
}

const DEFAULT_GRACE_SECONDS = 100;

/**
 * Reads the settings. By hand: the runner starts for every run, and a schema library would double
 * the time until its first line.
 */
export function readRunnerConfig(environment: Record<string, string | undefined>): RunnerConfig {
  const grace = Number(environment['ENGINE_GRACE_SECONDS'] ?? DEFAULT_GRACE_SECONDS);
  return {
    runFile: environment['RUN_FILE'] ?? '/run/quartermaster/run.json',
    workDirectory: environment['WORK_DIRECTORY'] ?? '/var/run/quartermaster/work',
    platformDirectory: environment['PLATFORM_DIRECTORY'] ?? '/opt/quartermaster',
    engines: {
      opentofu: environment['OPENTOFU_PROGRAM'] ?? 'tofu',
      terraform: environment['TERRAFORM_PROGRAM'] ?? 'terraform',
    },
    terminationFile: environment['TERMINATION_FILE'] ?? '/dev/termination-log',
    graceMs: (Number.isFinite(grace) && grace >= 0 ? grace : DEFAULT_GRACE_SECONDS) * 1000,
  };
}

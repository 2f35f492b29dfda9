import { startRunner, type RunnerProcess } from '../runs/runner-process.ts';
import { killAll } from './kill-all.ts';
import type { ContainerEnd, StartProgram } from './pod-program.ts';

/** Settings of {@link realRunner}. */
export interface RealRunnerOptions {
  /** Path of the engine. */
  tofu: string;
  environment?: Record<string, string>;
  /** Hears of every process that starts. */
  onStart?: (runner: RunnerProcess, podName: string) => void;
}

/** A program for pods: the real runner with a real engine, as a process of this machine. */
export function realRunner({ tofu, environment, onStart }: RealRunnerOptions): StartProgram {
  return (task) => {
    const runner = startRunner(task.access, tofu, { ...environment, ...task.environment });
    onStart?.(runner, task.pod.metadata.name);
    return {
      exited: runner.exited.then((code): ContainerEnd => ({ exitCode: code ?? 137 })),
      kill: (signal) => (signal === 'SIGKILL' ? killAll(runner.pid) : runner.kill(signal)),
    };
  };
}

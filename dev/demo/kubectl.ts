import { execa } from 'execa';
import type { Stage } from './world.ts';

/** Runs kubectl as the platform's administrator and gives what it prints. */
export async function kubectl(stage: Stage, args: readonly string[]): Promise<string> {
  const context = stage.context === undefined ? [] : ['--context', stage.context];
  const { stdout } = await execa(stage.kubectl, [...context, ...args], {
    env: { KUBECONFIG: stage.kubeconfig },
    timeout: 30_000,
  });
  return stdout;
}

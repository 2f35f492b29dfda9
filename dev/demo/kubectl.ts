import { execa } from 'execa';
import type { Stage } from './world.ts';

/** Runs kubectl as the platform's administrator and gives what it prints. */
export async function kubectl(stage: Stage, args: readonly string[]): Promise<string> {
  const { stdout } = await execa(stage.kubectl, args, {
    env: { KUBECONFIG: stage.kubeconfig },
    timeout: 30_000,
  });
  return stdout;
}

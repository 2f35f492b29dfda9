import { systemClock } from '../../lib/clock.ts';
import type { Environment } from '../../lib/env.ts';
import { toError } from '../../lib/errors.ts';
import { createKubeClient } from '../../lib/kube/create-kube-client.ts';
import { openStores } from '../state/stores.ts';
import { readStateAdminConfig } from './config.ts';
import { UsageError } from './errors.ts';
import { parseStateAdminArguments, USAGE } from './parse-arguments.ts';
import { performCommand } from './perform-command.ts';

/** What a call of the program came to. */
export interface Ending {
  /** For the shell: 64 for a call that it does not understand, 1 for what cannot be done. */
  code: number;
  stdout: string;
  stderr: string;
}

/** Does what the arguments of the program ask for. Never rejects. */
export async function runStateAdmin(
  texts: readonly string[],
  environment: Environment,
): Promise<Ending> {
  try {
    return { code: 0, stdout: await perform(texts, environment), stderr: '' };
  } catch (error) {
    const isUsage = error instanceof UsageError;
    const stderr = `${toError(error).message}\n${isUsage ? USAGE : ''}`;
    return { code: isUsage ? 64 : 1, stdout: '', stderr };
  }
}

async function perform(texts: readonly string[], environment: Environment): Promise<string> {
  const command = parseStateAdminArguments([...texts]);
  if (command.kind === 'help') return USAGE;
  const config = readStateAdminConfig(environment);
  const client = createKubeClient({
    kubeconfig: config.KUBECONFIG,
    context: config.KUBE_CONTEXT,
    userAgent: 'quartermaster-state-admin',
  });
  const common = { client, namespace: config.RUNS_NAMESPACE, clock: systemClock };
  try {
    const stores = await openStores(common);
    return await performCommand({ ...common, stores }, command);
  } finally {
    await client.close();
  }
}

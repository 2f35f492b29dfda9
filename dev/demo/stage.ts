import { readEnvironmentFile } from '../environment-file.ts';
import type { Platform } from '../platform.ts';
import { sessionFiles } from '../platform-session.ts';
import { readLockHolder } from '../processes/file-lock.ts';
import { isAlive } from '../processes/process-identity.ts';
import type { Stage } from './world.ts';

/** The platform that was just started, as the story needs it. */
export function stageOf(platform: Platform): Stage {
  return {
    apiUrl: platform.url,
    adminEmail: platform.adminEmail,
    adminPassword: platform.adminPassword,
    kubeconfig: platform.kubeconfig,
    context: platform.context,
    kubectl: platform.kubectl,
  };
}

/**
 * The platform that `script/server` keeps up in this checkout, if one answers. What a killed launcher
 * left behind is none, even where parts of it still answer: the next start cleans it up.
 */
export async function findRunningStage(): Promise<Stage | undefined> {
  const launcher = readLockHolder(sessionFiles.checkoutLock);
  if (!launcher || !isAlive(launcher)) return undefined;
  const environment = readEnvironmentFile();
  const { QM_URL, QM_ADMIN_EMAIL, QM_ADMIN_PASSWORD, KUBECONFIG, QM_KUBECTL } = environment;
  if (!QM_URL || !QM_ADMIN_EMAIL || !QM_ADMIN_PASSWORD || !KUBECONFIG || !QM_KUBECTL) {
    return undefined;
  }
  if (!(await isReady(QM_URL))) return undefined;
  return {
    apiUrl: QM_URL,
    adminEmail: QM_ADMIN_EMAIL,
    adminPassword: QM_ADMIN_PASSWORD,
    kubeconfig: KUBECONFIG,
    context: environment['QM_CONTEXT'],
    kubectl: QM_KUBECTL,
  };
}

async function isReady(url: string): Promise<boolean> {
  try {
    const answer = await fetch(`${url}/ready`, { signal: AbortSignal.timeout(3000) });
    return answer.ok;
  } catch {
    return false;
  }
}

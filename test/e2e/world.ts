import { createKubeClient } from '../../lib/kube/create-kube-client.ts';
import { loadKubeConfig } from '../../lib/kube/kube-config.ts';
import { Narrator } from '../../dev/demo/narrator.ts';
import { stageOf } from '../../dev/demo/stage.ts';
import { playTenancy } from '../../dev/demo/steps/tenancy.ts';
import { randomSuffix, type Tenancy, type World } from '../../dev/demo/world.ts';
import { startPlatform } from '../../dev/platform.ts';

/** A platform of its own with people, an organisation and a project on it. */
export interface TestWorld {
  world: World;
  tenancy: Tenancy;
  stop(): Promise<void>;
}

/** Starts a platform without data, and leaves none; the tests' own titles tell the story, so the narrator is silent. */
export async function startWorld(): Promise<TestWorld> {
  const platform = await startPlatform({ temporary: true });
  try {
    const stage = stageOf(platform);
    const { kubeconfig, context } = stage;
    const world: World = {
      stage,
      narrator: new Narrator(() => undefined),
      kube: createKubeClient({ kubeconfig, context }),
      kubeConfig: loadKubeConfig({ kubeconfig, context }),
      signal: new AbortController().signal,
      suffix: randomSuffix(),
    };
    const stop = async (): Promise<void> => {
      await world.kube.close();
      await platform.stop();
    };
    return { world, tenancy: await playTenancy(world), stop };
  } catch (error) {
    await platform.stop();
    throw error;
  }
}

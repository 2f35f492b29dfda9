import { createKubeClient } from '../../lib/kube/create-kube-client.ts';
import { loadKubeConfig } from '../../lib/kube/kube-config.ts';
import { InterruptedError, PlatformError } from '../errors.ts';
import { startPlatform, type Platform } from '../platform.ts';
import { runInterruptibly } from '../processes/run-interruptibly.ts';
import { formatDuration, sayOnTerminal } from '../processes/say.ts';
import { parseDemoArguments, type DemoArguments } from './demo-arguments.ts';
import { Narrator } from './narrator.ts';
import { playScenario } from './scenario.ts';
import { findRunningStage, stageOf } from './stage.ts';
import { randomSuffix, type Stage } from './world.ts';

/** Plays the story on a platform that runs, and closes with the table. */
async function play(stage: Stage, signal: AbortSignal): Promise<void> {
  const { kubeconfig, context } = stage;
  const kube = createKubeClient({ kubeconfig, context });
  const narrator = new Narrator(sayOnTerminal);
  const kubeConfig = loadKubeConfig({ kubeconfig, context });
  try {
    await playScenario({ stage, narrator, kube, kubeConfig, signal, suffix: randomSuffix() });
  } catch (error) {
    throw signal.aborted ? new InterruptedError() : explainFailure(error);
  } finally {
    await kube.close();
  }
  sayOnTerminal(`\nAll of it worked:\n\n${narrator.table()}\n`);
}

/** The step has been named above; people need the reason, not a stack. */
function explainFailure(error: unknown): PlatformError {
  const reason = error instanceof Error ? error.message : 'for an unknown reason';
  return new PlatformError(`The demo failed: ${reason}\nLogs of all parts are in .local/logs.`, {
    cause: error,
  });
}

async function playOnNewPlatform(options: DemoArguments, signal: AbortSignal): Promise<void> {
  const started = performance.now();
  sayOnTerminal('Starting Quartermaster:');
  const { context, image } = options;
  const platform = await startPlatform({ context, image, say: sayOnTerminal, signal });
  try {
    sayOnTerminal(`Ready after ${formatDuration(performance.now() - started)}: ${platform.url}`);
    await Promise.race([play(stageOf(platform), signal), fallOver(platform)]);
    if (options.keep) await keep(platform, signal);
  } finally {
    sayOnTerminal('Taking everything down.');
    await platform.stop();
  }
}

async function fallOver(platform: Platform): Promise<never> {
  throw new PlatformError(`A part of the platform ended by itself: ${await platform.failed}`);
}

async function keep(platform: Platform, signal: AbortSignal): Promise<void> {
  sayOnTerminal(`The platform stays up at ${platform.url} until Ctrl-C or script/stop.`);
  sayOnTerminal('In another terminal: . .local/env');
  const interrupted = new Promise<void>((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
  await Promise.race([interrupted, fallOver(platform)]);
}

await runInterruptibly(async (signal) => {
  const options = parseDemoArguments(process.argv.slice(2));
  const running = options.context === undefined ? await findRunningStage() : undefined;
  if (running) {
    sayOnTerminal(`Playing on the platform that runs here already: ${running.apiUrl}`);
    await play(running, signal);
  } else {
    await playOnNewPlatform(options, signal);
  }
  return 0;
});

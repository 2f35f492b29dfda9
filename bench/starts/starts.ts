import { readFileSync } from 'node:fs';
import path from 'node:path';
import { execa } from 'execa';
import { z } from 'zod';
import { createAuthority, issueCertificate } from '../../dev/kubernetes/certificates.ts';
import type { Stage } from '../../dev/demo/world.ts';
import { RESOURCE_TYPES } from '../../lib/kube/resource-types.ts';
import type { KubeClient } from '../../lib/kube/client.ts';
import type { KubeObject } from '../../lib/kube/objects.ts';
import { startReleaseWorld } from '../../test/e2e/release-world.ts';
import { SYSTEM_NAMESPACE } from '../../test/support/chart/helm.ts';
import { describeMachine, readLoad, type Section } from '../document.ts';
import { quantile } from '../operator/quantile.ts';

const ROUNDS = 11;
/** Milliseconds. */
const GOALS = { api: 2_000, runner: 300 };
const PROGRAM = path.join(import.meta.dirname, 'time-starts.ts');

const timesSchema = z.object({ api: z.array(z.number()), runner: z.array(z.number()) });

/** How long the programs of the image take to start, in a pod of the installed chart. */
export async function benchStarts(): Promise<Section> {
  const test = await startReleaseWorld();
  const { world, release } = test;
  try {
    await release.install({ values: 'trial-values.yaml', set: ['image.tag=dev'] });
    const size = await readImageSize(world.kube);
    const loadBefore = readLoad();
    const { api, runner } = await timeStarts(world.stage);
    return {
      title: 'Starts',
      figures: [
        { what: 'api: process started → ready', unit: ' ms', ...median(api), goal: GOALS.api },
        {
          what: 'runner: process started → its first call, which claims its run',
          ...{ unit: ' ms', ...median(runner), goal: GOALS.runner },
        },
        { what: 'size of the image, as the node counts it', measured: size, unit: ' MB' },
      ],
      notes: [
        ...describeMachine(loadBefore),
        `Medians of ${ROUNDS} starts, in a pod of the api as the chart makes it: the image, its limits, PostgreSQL and the API server of the cluster.`,
      ],
    };
  } finally {
    await test.stop();
  }
}

function median(milliseconds: readonly number[]): { measured: number } {
  return { measured: quantile(milliseconds, 0.5) };
}

async function timeStarts(stage: Stage): Promise<z.infer<typeof timesSchema>> {
  const authority = await createAuthority('quartermaster-bench');
  const server = await issueCertificate(authority, {
    commonName: 'bench',
    hosts: ['127.0.0.1'],
  });
  const timing = { rounds: ROUNDS, authority: authority.certificate, ...server };
  const target = ['--stdin', '--namespace', SYSTEM_NAMESPACE, 'deployment/quartermaster-api'];
  const program = [
    'env',
    `TIMING=${JSON.stringify(timing)}`,
    'node',
    '--input-type=module-typescript',
    '-',
  ];
  const { stdout } = await execa(stage.kubectl, ['exec', ...target, '--', ...program], {
    env: { KUBECONFIG: stage.kubeconfig },
    input: readFileSync(PROGRAM, 'utf8'),
    timeout: 300_000,
  });
  return timesSchema.parse(JSON.parse(stdout));
}

interface Node extends KubeObject {
  status?: { images?: { names?: string[]; sizeBytes?: number }[] };
}

/** In MB. */
async function readImageSize(client: KubeClient): Promise<number> {
  const [node] = await client.list<Node>(RESOURCE_TYPES.nodes);
  const image = node?.status?.images?.find(({ names = [] }) =>
    names.some((name) => name.endsWith('/quartermaster:dev')),
  );
  return (image?.sizeBytes ?? Number.NaN) / 1e6;
}

import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer, type AddressInfo, type Server } from 'node:net';
import path from 'node:path';
import { promisify } from 'node:util';
import { API_VERSION } from '../../crds/constants.ts';
import type { ResourceRun } from '../../crds/resource-run.ts';
import { nodeAddress } from '../../dev/kubernetes/network-plan.ts';
import { developmentImage } from '../../dev/images/product-image.ts';
import { startTestSession } from '../../dev/testing/test-session.ts';
import { RESOURCE_TYPES } from '../../lib/kube/resource-types.ts';
import { buildJob } from '../../operator/run/build-job.ts';
import type { Job } from '../../operator/run/objects.ts';
import { findTofu } from '../../test/support/runs/find-tofu.ts';
import { quantile } from './quantile.ts';
import type { Stage } from './stage.ts';

const ROUNDS = 9;
const MODULE = path.resolve(import.meta.dirname, '../../test/support/modules/trivial');

/** What a run cannot do without, in milliseconds. */
export interface Floor {
  /** From the order of a Job to the first act of the program in it. */
  pod: number;
  /** `init`, `plan` and `apply` of the trivial module, with a state on the disk. */
  engine: number;
}

/** Measures what Kubernetes and the engine take on this machine without us, one after the other. */
export async function measureFloor(stage: Stage): Promise<Floor> {
  const server = createServer().listen(0, nodeAddress);
  await once(server, 'listening');
  const pod = await medianOf((round) => timePod(stage, server, `floor-${round}`));
  server.close();
  const tofu = await findTofu();
  return { pod, engine: await medianOf(() => timeEngine(tofu)) };
}

async function medianOf(time: (round: number) => Promise<number>): Promise<number> {
  const times: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) times.push(await time(round));
  return quantile(times, 0.5);
}

/** A pod such as the operator orders, with its Secret and its folder; its program calls us, and no more. */
async function timePod(
  { client, namespace }: Stage,
  server: Server,
  name: string,
): Promise<number> {
  const { port } = server.address() as AddressInfo;
  const secret = { apiVersion: 'v1', kind: 'Secret', metadata: { namespace, name } };
  await client.create(RESOURCE_TYPES.secrets, secret);
  const called = once(server, 'connection');
  const began = performance.now();
  await client.create(RESOURCE_TYPES.jobs, buildCaller({ namespace, name }, port));
  await called;
  const milliseconds = performance.now() - began;
  await client.delete(RESOURCE_TYPES.jobs, { namespace, name });
  return milliseconds;
}

function buildCaller(metadata: { namespace: string; name: string }, port: number): Job {
  const requestRef = { ...metadata, uid: metadata.name };
  const work = {
    action: 'Apply',
    attempt: 1,
    classRevision: 'none',
    inputsDigest: 'none',
  } as const;
  const run: ResourceRun = {
    ...{ apiVersion: API_VERSION, kind: 'ResourceRun' },
    ...{ metadata, spec: { requestRef, ...work } },
  };
  const { spec, ...job } = buildJob({ run, spec: {}, image: developmentImage });
  const { spec: pod } = spec?.['template'] as { spec: { containers: object[] } };
  const command = ['bash', '-c', `exec 3<> /dev/tcp/${nodeAddress}/${port}`];
  const containers = pod.containers.map((container) => ({ ...container, command, args: [] }));
  return {
    ...job,
    metadata,
    spec: { backoffLimit: 0, template: { spec: { ...pod, containers } } },
  };
}

/** As little as a person at a terminal would run. */
async function timeEngine(tofu: string): Promise<number> {
  const cwd = startTestSession().makeDirectory('floor');
  const inputs = { name: 'floor', text: 'hello', password: 'secret', seconds: 0, fail: false };
  const root = { module: { resource: { source: MODULE, ...inputs } } };
  writeFileSync(path.join(cwd, 'main.tf.json'), JSON.stringify(root));
  const env = { PATH: process.env['PATH'], HOME: cwd, CHECKPOINT_DISABLE: '1' };
  const steps = [['init'], ['plan', '-out=run.tfplan'], ['apply', 'run.tfplan']];
  const began = performance.now();
  for (const step of steps) await promisify(execFile)(tofu, step, { cwd, env });
  return performance.now() - began;
}

import { randomUUID } from 'node:crypto';
import { Agent, request } from 'undici';
import type { KubeClient } from '../../../lib/kube/client.ts';
import type { Secret } from '../../../lib/kube/objects.ts';
import { RESOURCE_TYPES } from '../../../lib/kube/resource-types.ts';
import type { ReportedResult } from '../../../operator/run-api/run-result.ts';
import type { RunAccess } from '../../../operator/terraform/run-contract.ts';
import { eventually } from '../eventually.ts';

/** Plays the pod of a run: reads the one file that it would get, claims the run and reports. */
export async function playRunner(
  client: KubeClient,
  runKey: { namespace: string; name: string },
  result: ReportedResult,
): Promise<void> {
  const secret = await eventually(async () => {
    await mustExist(client, RESOURCE_TYPES.jobs, runKey);
    return (await mustExist(client, RESOURCE_TYPES.secrets, runKey)) as Secret;
  });
  const file = Buffer.from(secret.data?.['run.json'] ?? '', 'base64').toString();
  const access = JSON.parse(file) as RunAccess;
  const instance = randomUUID();
  const agent = new Agent({ connect: { ca: access.ca } });
  try {
    await call(agent, access, instance, 'start', { instance });
    await call(agent, access, instance, 'result', result);
  } finally {
    await agent.close();
  }
}

async function mustExist(
  client: KubeClient,
  type: (typeof RESOURCE_TYPES)['jobs'] | (typeof RESOURCE_TYPES)['secrets'],
  key: { namespace: string; name: string },
): Promise<unknown> {
  const object = await client.get(type, key);
  if (object === undefined) throw new Error(`no ${type.kind} ${key.name}`);
  return object;
}

async function call(
  agent: Agent,
  access: RunAccess,
  instance: string,
  route: string,
  body: object,
): Promise<void> {
  const basic = Buffer.from(`${instance}:${access.token}`).toString('base64');
  const answer = await request(`${access.url}/v1/runs/${access.run}/${route}`, {
    method: 'POST',
    dispatcher: agent,
    headers: { authorization: `Basic ${basic}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  const text = await answer.body.text();
  if (answer.statusCode >= 300) throw new Error(`${route}: ${answer.statusCode} ${text}`);
}

import { randomUUID } from 'node:crypto';
import { Agent, request } from 'undici';
import type { KubeClient } from '../../../lib/kube/client.ts';
import type { Secret } from '../../../lib/kube/objects.ts';
import { RESOURCE_TYPES } from '../../../lib/kube/resource-types.ts';
import type { ReportedResult } from '../../../operator/run-api/run-result.ts';
import type { RunAccess, RunSpec } from '../../../operator/terraform/run-contract.ts';
import { eventually } from '../eventually.ts';

/** What a runner reports, or how it follows from what the runner was told to do. */
export type PlayedResult = ReportedResult | ((spec: RunSpec) => ReportedResult);

/** Plays the pod of a run: reads the one file that it would get, claims the run and reports. */
export async function playRunner(
  client: KubeClient,
  runKey: { namespace: string; name: string },
  result: PlayedResult,
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
    const call = openCalls(agent, access, instance);
    await call('/start', { instance });
    const played =
      typeof result === 'function' ? result(JSON.parse(await call('')) as RunSpec) : result;
    await call('/result', played);
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

type Call = (route: string, body?: object) => Promise<string>;

function openCalls(agent: Agent, access: RunAccess, instance: string): Call {
  const basic = Buffer.from(`${instance}:${access.token}`).toString('base64');
  return async (route, body) => {
    const answer = await request(`${access.url}/v1/runs/${access.run}${route}`, {
      method: body === undefined ? 'GET' : 'POST',
      dispatcher: agent,
      headers: { authorization: `Basic ${basic}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await answer.body.text();
    if (answer.statusCode >= 300) throw new Error(`${route}: ${answer.statusCode} ${text}`);
    return text;
  };
}

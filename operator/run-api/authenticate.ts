import type { Next } from 'koa';
import { RUN_CONDITION, findCondition } from '../../crds/condition.ts';
import type { ResourceRun } from '../../crds/resource-run.ts';
import { RESOURCE_RUNS } from '../../crds/resource-types.ts';
import { RunApiError } from './errors.ts';
import type { RunApiDeps, RunContext } from './run-context.ts';
import type { RunClaims } from './run-token.ts';

const INSTANCE = /^[A-Za-z0-9-]{1,64}$/;
const BEARER = /^Bearer ([^\s]+)$/;
const BASIC = /^Basic ([A-Za-z0-9+/=]+)$/;
/**
 * Paths for which what this replica remembers of a run is enough to begin with: those that only the holder of
 * the lock gets anything from, which is taken from a run before its outcome is written down; and those
 * that read the run anew beside the lock, by {@link readStanding}.
 */
const MAY_RECALL = /\/(state|state\/lock|plan|start|result)$/;

/** The caller: a token, and the process that it says it is. */
interface Caller {
  token: string;
  instance: string | undefined;
}

/**
 * Lets a call pass if its token is for the run in the path, that very run (by uid) still exists, and
 * it has not finished.
 */
export function authenticate(deps: RunApiDeps) {
  return async (context: RunContext, next: Next): Promise<void> => {
    const { token, instance } = readCaller(context.get('Authorization'));
    const claims = await deps.tokens.verify(token, deps.clock.now());
    if (claims.run !== context.params['run']) {
      throw new RunApiError(403, 'FOREIGN_RUN', 'the token is for another run');
    }
    const run = recallRun(deps, context.path, claims) ?? (await readRun(deps, claims));
    context.state.run = assertUnfinished(run);
    context.state.instance = instance;
    await next();
  };
}

/**
 * A run as the API server has it.
 *
 * @throws {RunApiError} 410 if it has finished, or is gone
 */
export async function readStanding(deps: RunApiDeps, run: ResourceRun): Promise<ResourceRun> {
  const { name, uid = '' } = run.metadata;
  return assertUnfinished(await readRun(deps, { run: name, uid }));
}

function recallRun(
  { recallRun: recall }: RunApiDeps,
  path: string,
  { run: name, uid }: RunClaims,
): ResourceRun | undefined {
  const known = MAY_RECALL.test(path) ? recall?.(name) : undefined;
  return known?.metadata.uid === uid ? known : undefined;
}

function assertUnfinished(run: ResourceRun): ResourceRun {
  if (hasFinished(run)) throw new RunApiError(410, 'RUN_FINISHED', 'the run has finished');
  return run;
}

async function readRun(
  { client, namespace }: RunApiDeps,
  { run: name, uid }: RunClaims,
): Promise<ResourceRun> {
  const run = await client.get<ResourceRun>(RESOURCE_RUNS, { namespace, name });
  if (run?.metadata.uid !== uid) {
    throw new RunApiError(410, 'RUN_GONE', 'the run does not exist any more');
  }
  return run;
}

/** Whether the outcome of a run is known. */
export function hasFinished(run: ResourceRun): boolean {
  const status = findCondition(run.status?.conditions, RUN_CONDITION)?.status;
  return status === 'True' || status === 'False';
}

/** Bearer, or basic as Terraform's http backend does it: user name = process, password = token. */
function readCaller(header: string): Caller {
  const bearer = BEARER.exec(header)?.[1];
  if (bearer !== undefined) return { token: bearer, instance: undefined };
  const basic = BASIC.exec(header)?.[1];
  if (basic === undefined) throw new RunApiError(401, 'MISSING_TOKEN', 'there is no token');
  const text = Buffer.from(basic, 'base64').toString('utf8');
  const colon = text.indexOf(':');
  const instance = text.slice(0, Math.max(colon, 0));
  if (!INSTANCE.test(instance)) {
    throw new RunApiError(401, 'INVALID_INSTANCE', 'the user name is not the name of a process');
  }
  return { token: text.slice(colon + 1), instance };
}

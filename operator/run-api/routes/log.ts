import type Router from '@koa/router';
import { RunApiError } from '../errors.ts';
import { describeLog } from '../describe-log.ts';
import { BODY_LIMITS, readBody } from '../read-body.ts';
import type { RunApiDeps, RunApiState } from '../run-context.ts';

const SEQUENCE = /^[0-9]{1,8}$/;

/** `POST /v1/runs/{run}/log?sequence=n`: the n-th part of the log, masked by the runner. */
export function addLogRoute(router: Router<RunApiState>, deps: RunApiDeps): void {
  router.post('/v1/runs/:run/log', async (context) => {
    const { sequence } = context.query;
    if (typeof sequence !== 'string' || !SEQUENCE.test(sequence)) {
      throw new RunApiError(400, 'INVALID_SEQUENCE', 'sequence must be a number from 0');
    }
    const text = (await readBody(context, BODY_LIMITS.log)).toString('utf8');
    await deps.stores.logs.append(describeLog(context.state.run), Number(sequence), text);
    context.status = 204;
  });
}

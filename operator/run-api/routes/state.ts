import { createHash } from 'node:crypto';
import type Router from '@koa/router';
import { RunApiError } from '../errors.ts';
import { BODY_LIMITS, readBody } from '../read-body.ts';
import { readHolder, readRequestUid } from '../run-context.ts';
import type { RunApiDeps, RunApiState, RunContext } from '../run-context.ts';

const STATE = '/v1/runs/:run/state';
const LOCK = '/v1/runs/:run/state/lock';

/**
 * Terraform's http backend (https://opentofu.org/docs/language/settings/backends/http/). The run
 * holds the lock from its start to its result, so LOCK only confirms it, and UNLOCK leaves it.
 */
export function addStateRoutes(router: Router<RunApiState>, deps: RunApiDeps): void {
  const { state, lock } = deps.stores;

  router.get(STATE, async (context) => {
    await assertHeld(context, deps);
    const bytes = await state.read(readRequestUid(context));
    context.status = bytes === undefined ? 204 : 200;
    if (bytes !== undefined) {
      context.type = 'application/json';
      context.body = bytes;
    }
  });

  router.post(STATE, async (context) => {
    const holder = readHolder(context);
    const bytes = await readBody(context, BODY_LIMITS.state);
    assertUnharmed(context, bytes);
    await state.write(readRequestUid(context), bytes, holder);
    confirm(context);
  });

  router.delete(STATE, async (context) => {
    await state.clear(readRequestUid(context), readHolder(context));
    confirm(context);
  });

  router.register(LOCK, ['LOCK'], async (context) => {
    const { answer } = await lock.look(readRequestUid(context), readHolder(context));
    if (answer.kind === 'held') {
      confirm(context);
      return;
    }
    context.status = 423;
    // The engine shows this to people; the form is its own.
    const who = answer.kind === 'locked' ? answer.run : 'another process';
    context.body = { ID: who, Who: who, Operation: 'run', Info: '', Version: '', Path: '' };
  });

  router.register(LOCK, ['UNLOCK'], (context) => confirm(context));
}

/** Without a body: the engine does not read it, and could not use its connection again. */
function confirm(context: RunContext): void {
  context.status = 200;
  context.body = '';
}

async function assertHeld(context: RunContext, deps: RunApiDeps): Promise<void> {
  if (await deps.stores.lock.isHeldBy(readRequestUid(context), readHolder(context))) return;
  throw new RunApiError(409, 'STATE_LOCK_LOST', 'this process does not hold the state');
}

/** The engine sends the MD5 of what it sends; a cut body must never become the state. */
function assertUnharmed(context: RunContext, bytes: Buffer): void {
  const expected = context.get('Content-MD5');
  if (expected !== '' && createHash('md5').update(bytes).digest('base64') !== expected) {
    throw new RunApiError(400, 'BODY_HARMED', 'the body is not what its Content-MD5 says');
  }
  if (bytes.length === 0) throw new RunApiError(400, 'INVALID_BODY', 'a state is never empty');
}

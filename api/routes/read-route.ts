import type { Actor, Session } from '../auth/actor.ts';
import type { Row, Statement } from '../db/statement.ts';
import { parseInput, type Input, type Schemas } from './input.ts';
import {
  shapeOf,
  type Params,
  type Query,
  type Reading,
  type Reply,
  type Route,
  type RouteDocument,
} from './route.ts';

/** What a call of a {@link readRoute} found. */
export interface ReadCall<P, Q> {
  input: Input<P, Q, undefined>;
  actor: Actor;
  rows: readonly Row[];
}

/**
 * A route within an organisation that one statement answers. It is sent with the opening of the
 * session, before it is known who the caller is: row level security lets it find what the session
 * may see, and `answer` refuses what a policy refuses.
 */
export function readRoute<P extends Params = undefined, Q extends Query = undefined>(
  definition: RouteDocument &
    Omit<Schemas<P, Q, undefined>, 'body'> & {
      statement: (input: Input<P, Q, undefined>, session: Session) => Statement;
      answer: (call: ReadCall<P, Q>) => Reply;
    },
): Route {
  const shape = shapeOf(definition);
  return {
    ...definition,
    shape,
    access: 'member',
    read: (raw, session) => {
      const input = parseInput<P, Q, undefined>(shape, raw);
      const answer: Reading['answer'] = (actor, rows) => definition.answer({ input, actor, rows });
      return { statement: definition.statement(input, session), answer };
    },
  };
}

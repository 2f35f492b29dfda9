import type { Clock } from '../../lib/clock.ts';
import type { ApprovalSigner } from '../approvals/approval-signer.ts';
import type { Actor } from '../auth/actor.ts';
import { auditStatement } from '../db/audit.ts';
import { requestEventStatement, type RequestEventType } from '../db/request-events.ts';
import { runTogether } from '../db/run-together.ts';
import type { Statement } from '../db/statement.ts';
import type { Transaction } from '../db/transaction.ts';
import type { RequestInfo } from '../routes/route.ts';
import type { ClassCatalogue } from '../sync/classes/class-catalogue.ts';

/** What the commands on requests work with, besides the call itself. */
export interface RequestServices {
  classes: ClassCatalogue;
  approvals: ApprovalSigner;
  clock: Clock;
}

/** Who does something to a request, and where. */
export interface RequestCommand {
  trx: Transaction;
  actor: Actor;
  request: RequestInfo;
  services: RequestServices;
}

/** What a person did to a request. */
export interface RequestDeed {
  id: string;
  /** For the history of the request. */
  event: RequestEventType;
  /** For the audit log; `resource_request.` is put before it. */
  action: string;
  message?: string | undefined;
  details?: Record<string, unknown>;
  /** What was, and what is now; for the history. Parameters are no secrets: a class that has
   * secret ones is not offered. */
  change: { before: object | null; after: object };
}

/** Writes down what a person did: in the history of the request, and in the audit log. */
export async function recordDeed(command: RequestCommand, deed: RequestDeed): Promise<void> {
  await runTogether(command.trx, deedStatements(command, deed));
}

/** The statements that write down what a person did. */
export function deedStatements(
  { actor, request }: Pick<RequestCommand, 'actor' | 'request'>,
  deed: RequestDeed,
): Statement[] {
  const { organizationId } = actor.membership;
  const { apiKey } = actor.user;
  const event = requestEventStatement({
    organizationId,
    requestId: deed.id,
    type: deed.event,
    actorId: actor.user.id,
    message: deed.message,
    // The person behind it is the actor; that a program did it is told here.
    details: {
      ...deed.details,
      ...deed.change,
      ...(apiKey && { api_key: { id: apiKey.id, name: apiKey.name } }),
    },
  });
  const record = auditStatement({
    organizationId,
    actor: actor.user,
    action: `resource_request.${deed.action}`,
    target: { type: 'resource_request', id: deed.id },
    details: deed.details ?? {},
    change: deed.change,
    request,
  });
  return [event, record];
}

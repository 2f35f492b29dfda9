import type { Session } from '../auth/actor.ts';
import {
  flag,
  integer,
  json,
  nullable,
  rowShape,
  text,
  time,
  type Columns,
} from '../db/row-shape.ts';
import { defineStatement, type Statement } from '../db/statement.ts';
import type { PresentableRequest } from '../presenters/present-resource-request.ts';
import type { ShownRequest } from './shown-request.ts';

/** What a list can be narrowed to. */
export interface RequestFilter {
  status?: string | undefined;
  project_id?: string | undefined;
  class_name?: string | undefined;
  /** Only what this caller asked for, or who made the key that they call with. */
  requester?: Session | undefined;
  /** Only what is older than this id. */
  before?: string | undefined;
}

/** What stands in the revision that waits counts only while one does. */
const pending = (column: string): string =>
  `case when chosen.pending_revision is not null then ${column} end`;

const presentedColumns: Columns<PresentableRequest> = {
  id: text('chosen.id'),
  organization_id: text('chosen.organization_id'),
  project_id: text('chosen.project_id'),
  class_name: text('chosen.class_name'),
  name: text('chosen.name'),
  parameters: json('chosen.parameters'),
  reason: nullable(text('chosen.reason')),
  origin: text('chosen.origin'),
  status: text('chosen.status'),
  revision: integer('chosen.revision'),
  pending_revision: nullable(integer('chosen.pending_revision')),
  latest_parameters: nullable(json(pending('latest.parameters'))),
  latest_reason: nullable(text(pending('latest.reason'))),
  latest_author: nullable(text(pending('latest.requested_by'))),
  latest_author_email: nullable(text('author.email')),
  latest_created_at: nullable(time(pending('latest.created_at'))),
  latest_deletes: flag('latest.deletes'),
  requested_by: nullable(text('chosen.requested_by')),
  requester_email: nullable(text('requester.email')),
  claimed_requester: nullable(json('chosen.claimed_requester')),
  latest_approvers: integer('latest.approvers'),
  latest_approvals: json('latest.approvals'),
  latest_plan_status: nullable(text('latest.plan_status')),
  latest_plan_digest: nullable(text('latest.plan_digest')),
  latest_plan_changes: nullable(json('latest.plan_changes')),
  latest_plan_failure: nullable(json('latest.plan_failure')),
  approval_expires_at: nullable(time('chosen.approval_expires_at')),
  decided_by: nullable(text('chosen.decided_by')),
  decider_email: nullable(text('decider.email')),
  decided_at: nullable(time('chosen.decided_at')),
  decision_comment: nullable(text('chosen.decision_comment')),
  resource_namespace: nullable(text('chosen.resource_namespace')),
  resource_name: nullable(text('chosen.resource_name')),
  conditions: json('chosen.conditions'),
  outputs: json('chosen.outputs'),
  credentials: nullable(json('chosen.credentials')),
  failure: nullable(json('chosen.failure')),
  created_at: time('chosen.created_at'),
  updated_at: time('chosen.updated_at'),
};

/** A request as it is presented, by few columns: for what is read often. */
export const presentedRequestRow = rowShape(presentedColumns);

/** A request as it is acted on, also with what the revision in force says where none waits. */
export const shownRequestRow = rowShape<ShownRequest>({
  ...presentedColumns,
  latest_parameters: json('latest.parameters'),
  latest_reason: nullable(text('latest.reason')),
  latest_author: nullable(text('latest.requested_by')),
  latest_created_at: time('latest.created_at'),
  latest_deletion_policy: nullable(text('latest.deletion_policy')),
  latest_plan_run: nullable(text('latest.plan_run')),
  latest_plan_inputs_digest: nullable(text('latest.plan_inputs_digest')),
  resource_uid: nullable(text('chosen.resource_uid')),
});

/** The joins are made for the rows that were chosen alone. */
function shown(choice: string, columns = presentedRequestRow.select): string {
  return `select ${columns}
    from (
      select * from resource_requests
      where organization_id = (select current_organization_id()) ${choice}
    ) as chosen
    join request_revisions as latest on latest.organization_id = chosen.organization_id
      and latest.request_id = chosen.id
      and latest.revision = coalesce(chosen.pending_revision, chosen.revision)
    left join users as requester on requester.id = chosen.requested_by
    left join users as decider on decider.id = chosen.decided_by
    left join users as author on author.id = ${pending('latest.requested_by')}
    order by chosen.id desc`;
}

/** One request of the caller's organisation, as it is presented. */
export const selectRequest = defineStatement('present_request', shown('and id = $1'));

/** The same, as it is acted on. */
export const selectShownRequest = defineStatement(
  'show_request',
  shown('and id = $1', shownRequestRow.select),
);

/** Keeps everybody else from changing it until the transaction ends. */
export const lockRequest = defineStatement(
  'lock_request',
  `select from resource_requests
   where organization_id = (select current_organization_id()) and id = $1 for update`,
);

/** What the parts of a filter mean; `?` stands for the value. */
const CONDITIONS = {
  status: 'status = ?',
  project_id: 'project_id = ?',
  class_name: 'class_name = ?',
  user: 'requested_by = ?',
  key: 'requested_by = (select created_by from api_keys where key_hash = ?)',
  before: 'id < ?',
} as const;

/** Requests of the caller's organisation, newest first. */
export function selectRequests(filter: RequestFilter, limit: number): Statement {
  const { requester, ...others } = filter;
  const values: Partial<Record<string, string>> = { ...others, ...requesterOf(requester) };
  const names = [];
  const conditions = [];
  const given = [];
  for (const [name, condition] of Object.entries(CONDITIONS)) {
    const value = values[name];
    if (value === undefined) continue;
    given.push(value);
    names.push(name);
    conditions.push(`and ${condition.replace('?', `$${given.length + 1}`)}`);
  }
  const choice = `${conditions.join(' ')} order by id desc limit $1`;
  return defineStatement(['list_requests', ...names].join('_'), shown(choice))(limit, ...given);
}

/** Who presents a key is known to the database alone. */
function requesterOf(requester: Session | undefined): { user?: string; key?: string } {
  if (!requester) return {};
  return 'keyHash' in requester ? { key: requester.keyHash } : { user: requester.userId };
}

import type { Session } from '../auth/actor.ts';
import { defineStatement, required, type Row, type Statement } from './statement.ts';

/** What the database says of a session. */
export interface SessionRow {
  /** These four only where a key was presented. */
  user_id?: string;
  key_id?: string;
  key_name?: string;
  organization_id?: string;
  email: string;
  is_admin: boolean;
  role: string | null;
  allow_self_approval: boolean | null;
  /** What the organisation lets the role do; null where it says nothing of its own. */
  permissions: unknown;
}

// What the role may do is looked up when the session is open: it depends on what that gives.
const COLUMNS = 'email, is_admin, role, allow_self_approval, session_permissions(role)';

const beginSession = defineStatement(
  'begin_session',
  `select ${COLUMNS} from begin_session($1::uuid, $2::uuid, $3::integer)`,
);
const beginKeySession = defineStatement(
  'begin_key_session',
  `select ${COLUMNS}, user_id, key_id, key_name, organization_id
   from begin_key_session($1, $2::uuid)`,
);

/** The statement that opens a session: what follows it in its transaction runs for the caller. */
export function sessionStatement(session: Session): Statement {
  const { organizationId } = session;
  return 'keyHash' in session
    ? beginKeySession(session.keyHash, organizationId)
    : beginSession(session.userId, organizationId, session.tokenVersion);
}

/** What the statement says; undefined where the token or key does not hold. */
export function readSessionRow(rows: readonly Row[] | undefined): SessionRow | undefined {
  const row = rows?.[0];
  if (row === undefined) return undefined;
  const [email, isAdmin, role = null, allowsSelfApproval, permissions = null, ...key] = row;
  return {
    email: required(email),
    is_admin: isAdmin === 't',
    role,
    allow_self_approval: allowsSelfApproval === 't',
    permissions: permissions === null ? null : JSON.parse(permissions),
    ...keyColumns(key),
  };
}

function keyColumns([userId, keyId, keyName, organizationId]: Row): Partial<SessionRow> {
  if (userId === undefined) return {};
  return {
    user_id: required(userId),
    key_id: required(keyId),
    key_name: required(keyName),
    organization_id: required(organizationId),
  };
}

/** A problem that the api answers with: its status, and what it says, for example. */
export interface ProblemKind {
  status: number;
  detail: string;
}

/** Every code of a problem. A code never changes its meaning: programs branch on it. */
export const PROBLEMS = {
  BAD_REQUEST: { status: 400, detail: 'The request cannot be read.' },
  MALFORMED_BODY: { status: 400, detail: 'The body is not a JSON object.' },
  ORGANIZATION_REQUIRED: { status: 400, detail: 'Say which organisation the call is for.' },
  IDEMPOTENCY_KEY_INVALID: { status: 400, detail: 'Idempotency-Key is a quoted string.' },
  SIGN_IN_NOT_BEGUN: { status: 400, detail: 'This sign-in did not begin here; begin again.' },
  RESET_INVALID: { status: 400, detail: 'The link no longer holds; ask for a new one.' },
  MISSING_CREDENTIALS: { status: 401, detail: 'Send an access token or an API key.' },
  INVALID_CREDENTIALS: { status: 401, detail: 'The address or the password is wrong.' },
  INVALID_API_KEY: { status: 401, detail: 'The API key does not hold.' },
  INVALID_TOKEN: { status: 401, detail: 'The token does not hold.' },
  TOKEN_EXPIRED: { status: 401, detail: 'The token is over; refresh it.' },
  TOKEN_REVOKED: { status: 401, detail: 'The token was ended; sign in again.' },
  FORBIDDEN: { status: 403, detail: 'Your role does not allow this.' },
  NOT_A_MEMBER: { status: 403, detail: 'You are not a member of that organisation.' },
  SELF_APPROVAL: { status: 403, detail: 'Nobody decides about their own request.' },
  GRANT_INVALID: { status: 403, detail: 'This grant does not hold, or not any more.' },
  GUESTS_DISABLED: { status: 403, detail: 'There are no guests here; make an account.' },
  REGISTRATION_CLOSED: { status: 403, detail: 'Ask an administrator for an account.' },
  INVITATION_REQUIRED: { status: 403, detail: 'Accounts are for who was invited.' },
  INVITATION_INVALID: { status: 403, detail: 'The invitation does not hold for this address.' },
  EMAIL_REQUIRED: { status: 403, detail: 'The issuer does not give your address.' },
  NOT_FOUND: { status: 404, detail: 'There is nothing here.' },
  METHOD_NOT_ALLOWED: { status: 405, detail: 'Allowed here: GET, HEAD.' },
  CONFLICT: { status: 409, detail: 'It does not fit what is there already.' },
  ACCOUNT_NOT_PROVEN: { status: 409, detail: 'The address has an account; prove it by mail.' },
  MANAGED_IN_CLUSTER: { status: 409, detail: 'It was made in the cluster; change it there.' },
  EMAIL_TAKEN: { status: 409, detail: 'The address has an account already.' },
  SLUG_TAKEN: { status: 409, detail: 'The slug is taken; choose another.' },
  NAME_TAKEN: { status: 409, detail: 'The name is taken; choose another.' },
  ALREADY_MEMBER: { status: 409, detail: 'They are a member already.' },
  LAST_ADMIN: { status: 409, detail: 'An organisation needs an admin; name another first.' },
  HAS_PROJECTS: { status: 409, detail: 'Delete the projects first.' },
  HAS_REQUESTS: { status: 409, detail: 'Delete the requests of the project first.' },
  QUOTA_EXCEEDED: { status: 409, detail: 'The quota of the project for requests is 5: 5 used.' },
  IDEMPOTENCY_KEY_IN_USE: { status: 409, detail: 'The first call with this key is at work.' },
  PLAN_NOT_READY: { status: 409, detail: 'The plan is not made yet; try again soon.' },
  PLAN_FAILED: { status: 409, detail: 'What would be done cannot be told; see failure.' },
  PLAN_OUTDATED: { status: 409, detail: 'The plan is of other parameters; look again.' },
  STALE: { status: 412, detail: 'It has changed since you read it; read it again.' },
  BODY_TOO_LARGE: { status: 413, detail: 'A body may have at most 1048576 bytes.' },
  UNSUPPORTED_MEDIA_TYPE: { status: 415, detail: 'Send the body as application/json in UTF-8.' },
  VALIDATION_FAILED: { status: 422, detail: 'The input has faults; see errors.' },
  IDEMPOTENCY_KEY_REUSED: { status: 422, detail: 'This key came with another request before.' },
  PRECONDITION_REQUIRED: { status: 428, detail: 'Send If-Match with the ETag of what you saw.' },
  RATE_LIMITED: { status: 429, detail: 'Too many calls; wait a little.' },
  INTERNAL: { status: 500, detail: 'Something went wrong on our side.' },
  MAIL_NOT_CONFIGURED: { status: 503, detail: 'This needs mail, and no mail server is set.' },
  TOO_MANY_STREAMS: { status: 503, detail: 'Too many logs are being followed; try again soon.' },
  UNAVAILABLE: { status: 503, detail: 'The database does not answer; try again soon.' },
} as const satisfies Record<string, ProblemKind>;

/** A code of a problem. */
export type ProblemCode = keyof typeof PROBLEMS;

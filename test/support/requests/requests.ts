import { expect } from 'chai';
import type { Team } from '../api/people.ts';
import { unique } from '../api/test-api.ts';
import type { Answer, TestClient } from '../api/test-client.ts';

/** A request as the API shows it, as far as tests look into it. */
export interface Shown {
  id: string;
  name: string;
  status: string;
  revision: number;
  pending_revision: number | null;
  pending_change: { deletes: boolean; parameters: object } | null;
  parameters: Record<string, unknown>;
  requested_by: { id: string; email: string } | null;
  decided_by: { id: string; email: string } | null;
  decision_comment: string | null;
  resource: { namespace: string; name: string } | null;
  conditions: { type: string; status: string; reason: string }[];
  outputs: Record<string, unknown>;
  credentials: { secret_name: string; namespace: string; keys: string[] } | null;
  failure: { type: string; message: string } | null;
}

/** Path of all requests. */
export const REQUESTS = '/api/v1/resource-requests';

/** A body that asks for something small. */
export function newRequest(team: Team, changes: object = {}): object {
  return {
    project_id: team.projectId,
    class_name: 'trivial',
    name: unique('r').slice(0, 40),
    parameters: { text: 'hello' },
    ...changes,
  };
}

/** Makes a request as the developer of a team. */
export async function makeRequest(team: Team, changes: object = {}): Promise<Shown> {
  const answer = await team.developer.client.post<Shown>(REQUESTS, newRequest(team, changes));
  expect(answer.status, JSON.stringify(answer.body)).to.equal(201);
  return answer.body;
}

/** Approves what somebody sees of a request now. */
export async function approve(
  client: TestClient,
  id: string,
  body: object = {},
): Promise<Answer<Shown>> {
  const seen = await client.get(`${REQUESTS}/${id}`);
  const headers = { 'if-match': seen.headers.get('etag') ?? '' };
  return client.post<Shown>(`${REQUESTS}/${id}/approve`, body, { headers });
}

/** Makes a request, and approves it. */
export async function makeApproved(team: Team, changes: object = {}): Promise<Shown> {
  const made = await makeRequest(team, changes);
  const answer = await approve(team.approver.client, made.id);
  expect(answer.status, JSON.stringify(answer.body)).to.equal(200);
  return answer.body;
}

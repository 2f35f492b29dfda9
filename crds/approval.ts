import { z } from 'zod';
import { digest } from '../lib/canonical-json.ts';
import type { ResourceClassSpec } from './resource-class.ts';

/** `typ` of the JWS header, so that no other token of the api passes for an approval. */
export const APPROVAL_TYPE = 'quartermaster-approval+jwt';
/** `iss` of every approval. */
export const APPROVAL_ISSUER = 'quartermaster';

/** The statement that an approver makes; signed by the api, verified by the operator. */
export const approvalClaimsSchema = z.strictObject({
  iss: z.literal(APPROVAL_ISSUER),
  /** Id of the approver. */
  sub: z.string().min(1).max(128),
  /** E-mail address of the approver, shown in the status. */
  name: z.string().max(320).optional(),
  jti: z.string().min(1).max(128),
  /** `<namespace>/<name>` of the ResourceRequest. */
  request: z.string().min(1).max(200),
  /** Digest of the class that was approved; of a deletion the one that is offered, or `none`. */
  class: z.string().min(1).max(80),
  /** Digest of what was approved: {@link inputsDigest}, or of a deletion {@link deletionDigest}. */
  inputs: z.string().min(1).max(80),
  /** Digest of the plan that was shown, where one was. */
  plan: z.string().max(80).optional(),
  iat: z.number().int(),
  exp: z.number().int(),
});

/** The claims of an approval. */
export type ApprovalClaims = z.infer<typeof approvalClaimsSchema>;

/** The parts of a class that change no run: they describe it, or say when one is made. */
const DESCRIPTIVE = [
  'title',
  'description',
  'category',
  'icon',
  'cost',
  'approval',
  'drift',
] as const;

/**
 * Digest of everything in a class that changes a run: SHA-256 over the canonical JSON (RFC 8785)
 * of the spec without its descriptive fields.
 *
 * @returns `sha256:<hex>`
 */
export function classDigest(spec: ResourceClassSpec): string {
  const relevant = Object.entries(spec).filter(
    ([name]) => !(DESCRIPTIVE as readonly string[]).includes(name),
  );
  return digest(Object.fromEntries(relevant));
}

/** What an approval of an apply is bound to besides the class. */
export interface Inputs {
  classDigest: string;
  namespace: string;
  name: string;
  /** As requested, before defaults of the class are applied. */
  parameters: Record<string, unknown> | undefined;
  deletionPolicy: 'Delete' | 'Retain' | undefined;
}

/**
 * Digest of the inputs of a request; an approval is void when it changes. Absent parameters and
 * an empty object are the same inputs.
 *
 * @returns `sha256:<hex>`
 */
export function inputsDigest(inputs: Inputs): string {
  return digest({
    class: inputs.classDigest,
    namespace: inputs.namespace,
    name: inputs.name,
    parameters: inputs.parameters ?? {},
    deletionPolicy: inputs.deletionPolicy ?? null,
  });
}

/** The resource whose deletion is approved. */
export interface DeletedResource {
  namespace: string;
  name: string;
  /** Another one of that name is another matter. */
  uid: string;
}

/**
 * What an approval of a deletion is bound to, in the place of {@link inputsDigest}: everything that
 * this very resource has made is to be destroyed. It is never the digest of an apply, because it
 * is made of other fields, so neither approval passes for the other.
 *
 * @returns `sha256:<hex>`
 */
export function deletionDigest({ namespace, name, uid }: DeletedResource): string {
  return digest({ deletes: { namespace, name, uid } });
}

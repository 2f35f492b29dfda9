import { APPROVAL_TYPE, type ApprovalClaims } from '../../crds/approval.ts';
import { signJws, type SigningKey } from '../../lib/jws.ts';
import {
  buildApprovalClaims,
  buildDeletionClaims,
  type ApprovalStatement,
  type ApprovalSubject,
  type DeletionSubject,
} from './build-approval-claims.ts';

/** An approval as it is kept beside the decision and put into the custom resource. */
export interface SignedApproval {
  /** Compact JWS; no secret: it is worth something for one resource and one set of inputs only. */
  token: string;
  id: string;
  classDigest: string;
  inputsDigest: string;
  expiresAt: Date;
}

/** Signs what an approver stated. */
export interface ApprovalSigner {
  sign(subject: ApprovalSubject, statement: ApprovalStatement): Promise<SignedApproval>;
  signDeletion(subject: DeletionSubject, statement: ApprovalStatement): Promise<SignedApproval>;
}

/**
 * A signer over the key that is current when it signs.
 *
 * @param currentKey gives the private Ed25519 key; it never leaves the process
 */
export function createApprovalSigner(currentKey: () => SigningKey): ApprovalSigner {
  const signClaims = async (claims: ApprovalClaims): Promise<SignedApproval> => ({
    token: await signJws(claims, currentKey(), APPROVAL_TYPE),
    id: claims.jti,
    classDigest: claims.class,
    inputsDigest: claims.inputs,
    expiresAt: new Date(claims.exp * 1000),
  });
  return {
    sign: (subject, statement) => signClaims(buildApprovalClaims(subject, statement)),
    signDeletion: (subject, statement) => signClaims(buildDeletionClaims(subject, statement)),
  };
}

import type { ResourceClassSpec } from './resource-class.ts';

type Rule = Pick<ResourceClassSpec, 'approval'>;

/**
 * Whether a request of a class needs somebody's approval: a person's, or the platform's own where
 * the class sets bounds to what it may approve.
 */
export function needsApproval({ approval }: Rule): boolean {
  return approval.mode === 'Manual' || approval.autoApprove !== undefined;
}

/** Whether a plan is shown before the decision, and exactly that plan is applied after it. */
export function wantsPreview({ approval }: Rule): boolean {
  if (approval.autoApprove !== undefined) return true;
  return approval.mode === 'Manual' && (approval.preview ?? 'Required') === 'Required';
}

/** Whether destroying what a request has made needs somebody's approval. */
export function needsDeletionApproval({ approval }: Rule): boolean {
  return approval.onDelete === 'Manual';
}

/** Whether what would be destroyed is shown before that decision. */
export function wantsDeletionPreview({ approval }: Rule): boolean {
  return needsDeletionApproval({ approval }) && approval.preview !== 'Skipped';
}

import { classDigest } from '../../crds/approval.ts';
import { resourceClassSpecSchema, type ResourceClass } from '../../crds/resource-class.ts';
import type { ResourceRequest } from '../../crds/resource-request.ts';
import type { ResourceRun } from '../../crds/resource-run.ts';
import type { ControllerRevision } from '../../lib/kube/objects.ts';
import { OPERATOR_ANNOTATIONS } from '../constants.ts';
import { revisionName } from './revision-name.ts';

/** Everything that can use a class revision. */
export interface RevisionUsers {
  classes: readonly ResourceClass[];
  requests: readonly ResourceRequest[];
  runs: readonly ResourceRun[];
}

/** What is to be done about a class revision. */
export type RevisionDecision = 'keep' | 'mark' | 'unmark' | 'remove';

/**
 * Names of the revisions that somebody needs: the one that a class offers, or will once its status
 * says so; what is applied for a request; and what any run was made with, since it may have to be
 * destroyed with it.
 */
export function findUsedRevisions({ classes, requests, runs }: RevisionUsers): Set<string> {
  const names = [
    ...classes.flatMap((resourceClass) => offeredRevisions(resourceClass)),
    ...requests.map(({ status }) => status?.applied?.classRevision),
    ...runs.map(({ spec }) => spec.classRevision),
  ];
  return new Set(names.filter((name) => name !== undefined));
}

/**
 * A revision goes when nobody has used it for a while: whoever still acts on an older look at the
 * class has ended by then.
 */
export function decideRevision(
  revision: ControllerRevision,
  used: ReadonlySet<string>,
  { now, graceMs }: { now: Date; graceMs: number },
): RevisionDecision {
  const since = revision.metadata.annotations?.[OPERATOR_ANNOTATIONS.unusedSince];
  if (used.has(revision.metadata.name)) return since === undefined ? 'keep' : 'unmark';
  const sinceMs = Date.parse(since ?? '');
  if (Number.isNaN(sinceMs)) return 'mark';
  return now.getTime() - sinceMs >= graceMs ? 'remove' : 'keep';
}

function offeredRevisions({ metadata, spec, status }: ResourceClass): (string | undefined)[] {
  const parsed = resourceClassSpecSchema.safeParse(spec);
  return [
    status?.revisionName,
    parsed.success ? revisionName(metadata.name, classDigest(parsed.data)) : undefined,
  ];
}

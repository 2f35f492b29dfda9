import type { ResourceRun } from '../../crds/resource-run.ts';
import type { LogOwner } from '../state/log-store.ts';

/** Which log a run's is; it is deleted with the run. */
export function describeLog({ apiVersion, kind, metadata, spec }: ResourceRun): LogOwner {
  const { name, uid } = metadata;
  return {
    run: name,
    requestUid: spec.requestRef.uid,
    owner: uid === undefined ? undefined : { apiVersion, kind, name, uid },
  };
}

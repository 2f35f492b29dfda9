import type { Drift } from '../../crds/drift.ts';
import { wantsPreview } from '../../crds/preview.ts';
import type { ResourceRun } from '../../crds/resource-run.ts';
import { driftOf, endOf, nextCheck, nextRepair, repairAttempt, viewDrift } from './checks.ts';
import type { RequestObservation } from './observation.ts';
import { firstLine, no, yes, type Said } from './status-said.ts';
import { appliedClassDigest } from './sync.ts';

/** Resources and attributes that a condition names; the run has the whole list. */
const SHOWN = { resources: 5, attributes: 5 };

/** Whether what stands is still what was applied, by the last check of it. */
export function sayDrifted(observation: RequestObservation): Said {
  const view = viewDrift(observation);
  if (view === undefined) {
    return unknown('NotChecked', 'Nothing is provisioned that could be checked.');
  }
  const { standing, latest, good } = view;
  if (latest === undefined) return sayUnchecked(observation, repairAttempt(standing));
  if (latest !== good) {
    const { type = 'Internal', message = '' } = latest.status?.failure ?? {};
    const text = `The check at ${timeOf(latest)} failed (${type}: ${firstLine(message)}).`;
    return unknown('CheckFailed', `${text}${sayLastGood(good)}${sayNext(observation)}`);
  }
  const drift = driftOf(latest);
  if (drift === undefined) {
    return no('InSync', `The check at ${timeOf(latest)} found no difference.`);
  }
  const text = `The check at ${timeOf(latest)} found differences: ${describeDrift(drift)}.`;
  return yes('Drifted', `${text}${sayRepair(observation)}`);
}

function sayUnchecked(observation: RequestObservation, repair: number): Said {
  if (repair > 0) {
    return no('Reapplied', `What had drifted was applied again.${sayNext(observation)}`);
  }
  const next = nextCheck(observation);
  const text =
    next === undefined
      ? 'The class asks for no checks.'
      : 'It was not checked since it was applied.';
  return unknown('NotChecked', `${text}${sayNext(observation)}`);
}

/** Such as `module.resource.aws_s3_bucket.this (update: tags, versioning)`. */
function describeDrift({ resources, omitted }: Drift): string {
  const shown = resources.slice(0, SHOWN.resources).map(({ address, action, attributes = [] }) => {
    const more = attributes.length > SHOWN.attributes ? ', …' : '';
    const names = attributes.slice(0, SHOWN.attributes).join(', ');
    return `${address} (${action}${names === '' ? '' : `: ${names}${more}`})`;
  });
  const rest = omitted + resources.length - shown.length;
  return `${shown.join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`;
}

function sayLastGood(good: ResourceRun | undefined): string {
  return good === undefined ? '' : ` The last good one was at ${timeOf(good)}.`;
}

function sayNext(observation: RequestObservation): string {
  const next = nextCheck(observation);
  if (next === undefined || next <= observation.now) return '';
  return ` The next check is due at ${formatTime(next)}.`;
}

function sayRepair(observation: RequestObservation): string {
  const repair = nextRepair(observation);
  if (repair === undefined) return '';
  const { resourceClass } = observation;
  if (resourceClass.kind === 'ready' && wantsPreview(resourceClass.spec)) {
    return resourceClass.digest === appliedClassDigest(observation)
      ? ' It is put right when the plan of that is approved.'
      : ' It is put right when the newer class is approved.';
  }
  return repair.dueAt <= observation.now
    ? ' What was approved is applied again.'
    : ` What was approved is applied again at ${formatTime(repair.dueAt)}.`;
}

function timeOf(check: ResourceRun): string {
  return formatTime(endOf(check));
}

/** To the second: more would help nobody. */
function formatTime(time: Date): string {
  return time.toISOString().replace(/\.\d+Z$/, 'Z');
}

function unknown(reason: string, message: string): Said {
  return { status: 'Unknown', reason, message };
}

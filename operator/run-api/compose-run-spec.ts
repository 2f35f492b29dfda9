import type { ResourceClassSpec } from '../../crds/resource-class.ts';
import type { ResourceRun } from '../../crds/resource-run.ts';
import { parseDuration } from '../../lib/duration.ts';
import type { GeneratedValues } from '../state/generated-store.ts';
import type { StoredOutputs } from '../state/output-store.ts';
import { collectTexts } from '../terraform/module-outputs.ts';
import type { RunSpec, SavedPlan } from '../terraform/run-contract.ts';
import type { ApprovedClass } from './approved-classes.ts';
import { InvalidRunInputsError } from './errors.ts';
import { fillPlaceholders, type Placeholders } from './fill-placeholders.ts';

/** For classes that set no timeouts. */
const DEFAULT_TIMEOUTS = { plan: '10m', apply: '1h', destroy: '1h' };

/** Everything that a run is made from. */
export interface RunIngredients {
  run: ResourceRun;
  approvedClass: ApprovedClass;
  /** What modules know the request by. */
  identity: string;
  /** Slugs of the project's namespace. */
  project: { organization: string | undefined; project: string | undefined };
  /** Values that the platform made. */
  generated: GeneratedValues;
  /** Outputs of the last apply, whose secrets no log may show either. */
  outputs: StoredOutputs | undefined;
  /** The plan that was approved, for an Apply that is bound to one. */
  savedPlan?: SavedPlan | undefined;
}

/**
 * What a runner is to do.
 *
 * @throws {InvalidRunInputsError} if parameters do not fit the class, or a placeholder has no value
 */
export function composeRunSpec(ingredients: RunIngredients): RunSpec {
  const { run, approvedClass } = ingredients;
  const generated = ingredients.generated.values;
  const classSpec = approvedClass.spec;
  const variables = {
    ...(fillPlaceholders(classSpec.variables ?? {}, listPlaceholders(ingredients)) as object),
    ...completeParameters(run, approvedClass),
    ...generated,
  };
  return {
    run: run.metadata.name,
    action: run.spec.action,
    ...(run.spec.destroys === true ? { destroys: true } : {}),
    engine: classSpec.engine,
    module: classSpec.module,
    variables,
    sensitiveVariables: Object.keys(generated),
    outputs: listOutputs(classSpec),
    masks: [...ingredients.generated.known, ...listSensitiveTexts(ingredients.outputs)],
    savedPlan: ingredients.savedPlan,
    timeouts: readTimeouts(classSpec),
  };
}

/** Whether a run destroys what was made, or plans that. */
export function isDestruction({ spec }: ResourceRun): boolean {
  return spec.action === 'Destroy' || spec.destroys === true;
}

/** Names of the module outputs that a class uses, each once. */
export function listOutputs({ outputs }: ResourceClassSpec): string[] {
  const credentials = (outputs?.credentials ?? []).map((output) =>
    typeof output === 'string' ? output : output.from,
  );
  return [...new Set([...credentials, ...(outputs?.public ?? [])])].sort();
}

/** A destroy goes on with what it has: the class may have become stricter since. */
function completeParameters(
  run: ResourceRun,
  { validate }: ApprovedClass,
): Record<string, unknown> {
  const verdict = validate(run.spec.parameters);
  if (verdict.valid) return verdict.parameters;
  if (isDestruction(run)) return run.spec.parameters ?? {};
  const faults = verdict.faults.map(({ pointer, message }) => `${pointer} ${message}`);
  throw new InvalidRunInputsError(`the parameters do not fit the class: ${faults.join('; ')}`);
}

function listPlaceholders({ run, identity, project }: RunIngredients): Placeholders {
  const { namespace, name } = run.spec.requestRef;
  return {
    'request.name': name,
    'request.namespace': namespace,
    'request.uid': identity,
    'project.slug': project.project,
    'organization.slug': project.organization,
  };
}

function listSensitiveTexts(outputs: StoredOutputs | undefined): string[] {
  return (outputs?.sensitive ?? []).flatMap((name) => collectTexts(outputs?.values[name]));
}

function readTimeouts({ timeouts }: ResourceClassSpec): RunSpec['timeouts'] {
  const seconds = (step: keyof typeof DEFAULT_TIMEOUTS): number =>
    parseDuration(timeouts?.[step] ?? DEFAULT_TIMEOUTS[step]) / 1000;
  return {
    planSeconds: seconds('plan'),
    applySeconds: seconds('apply'),
    destroySeconds: seconds('destroy'),
  };
}

import type { PlanAction, PlannedResource, PlanView } from '../../crds/run-plan.ts';
import { listAttributes } from './list-attributes.ts';
import { collectTexts } from './module-outputs.ts';
import type { Change, PlanJson, ResourceChange } from './plan-json.ts';

/** What one ConfigMap holds, with room to spare. */
const MOST_RESOURCES = 300;
const MOST_ATTRIBUTES = 60;
const TEXT_CHARACTERS = 400_000;
const CUT = '\n… (the rest of this plan is too long to show)\n';

/** Actions as the engine lists them, and what they are called together. */
const ACTIONS: Readonly<Record<string, PlanAction>> = {
  create: 'create',
  update: 'update',
  delete: 'delete',
  read: 'read',
  'delete,create': 'replace',
  'create,delete': 'replace',
};

/** What is destroyed stands first. */
const ORDER: readonly PlanAction[] = ['delete', 'replace', 'update', 'create', 'read'];

/**
 * A plan as people may see it: masked, bounded, what is destroyed or replaced first.
 *
 * @param plan as the engine gives it
 * @param text as the engine prints it
 * @param mask must know all secrets, see {@link collectPlanSecrets}
 */
export function buildPlanView(
  plan: PlanJson,
  text: string,
  mask: (text: string) => string,
): PlanView {
  const resources = plan.resource_changes
    .flatMap((change) => describeResource(change, mask))
    .toSorted((a, b) => ORDER.indexOf(a.action) - ORDER.indexOf(b.action));
  return {
    resources: resources.slice(0, MOST_RESOURCES),
    resourcesOmitted: Math.max(0, resources.length - MOST_RESOURCES),
    text: bound(mask(text)),
  };
}

/**
 * Every text at a place that the engine calls sensitive. The same value may stand elsewhere, where
 * the engine does not know it: computed attributes carry no marks.
 */
export function collectPlanSecrets(plan: PlanJson): string[] {
  return [...plan.resource_changes, ...plan.resource_drift].flatMap(({ change }) => [
    ...collectMarked(change.before, change.before_sensitive),
    ...collectMarked(change.after, change.after_sensitive),
  ]);
}

function describeResource(
  { address, type, change, action_reason: reason }: ResourceChange,
  mask: (text: string) => string,
): PlannedResource[] {
  const action = nameAction(change);
  if (action === undefined) return [];
  const attributes = listAttributes(change, mask);
  return [
    {
      address: mask(address),
      type,
      action,
      ...(reason === undefined ? {} : { reason }),
      attributes: attributes.slice(0, MOST_ATTRIBUTES),
      attributesOmitted: Math.max(0, attributes.length - MOST_ATTRIBUTES),
    },
  ];
}

/** Undefined for what stays as it is. */
function nameAction({ actions }: Change): PlanAction | undefined {
  return ACTIONS[actions.join(',')];
}

function collectMarked(value: unknown, marks: unknown): string[] {
  if (marks === true) return collectTexts(value);
  if (typeof marks !== 'object' || marks === null) return [];
  return Object.entries(marks).flatMap(([key, below]) =>
    collectMarked((Object(value) as Record<string, unknown>)[key], below),
  );
}

function bound(text: string): string {
  return text.length <= TEXT_CHARACTERS ? text : `${text.slice(0, TEXT_CHARACTERS)}${CUT}`;
}

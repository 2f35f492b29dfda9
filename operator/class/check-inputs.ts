import type { ResourceClassSpec } from '../../crds/resource-class.ts';
import { appendPointer, type Fault } from './fault.ts';

const PLACEHOLDER = /\$\{([^}]*)\}/g;
/** What `variables` may refer to. */
const KNOWN_PLACEHOLDERS = [
  'request.name',
  'request.namespace',
  'request.uid',
  'project.slug',
  'organization.slug',
];

/** Whether each module input comes from one place only, and placeholders are known ones. */
export function checkInputs(spec: ResourceClassSpec): Fault[] {
  const parameters = Object.keys(asRecord(spec.parameters['properties']));
  const variables = Object.keys(spec.variables ?? {});
  const doubles = [
    ...variables
      .filter((name) => parameters.includes(name))
      .map((name) => appendPointer('/spec/variables', name)),
    ...Object.keys(spec.generated ?? {})
      .filter((name) => parameters.includes(name) || variables.includes(name))
      .map((name) => appendPointer('/spec/generated', name)),
  ];
  return [
    ...doubles.map((pointer) => ({
      pointer,
      message: 'is an input that is set elsewhere in the class as well',
    })),
    ...findUnknownPlaceholders(spec.variables ?? {}, '/spec/variables'),
  ];
}

function findUnknownPlaceholders(value: unknown, pointer: string): Fault[] {
  if (typeof value === 'string') {
    return [...value.matchAll(PLACEHOLDER)]
      .filter(([, name]) => !KNOWN_PLACEHOLDERS.includes(name ?? ''))
      .map(([text]) => ({
        pointer,
        message: `${text} is unknown; there are ${KNOWN_PLACEHOLDERS.join(', ')}`,
      }));
  }
  return Object.entries(asRecord(value)).flatMap(([name, item]) =>
    findUnknownPlaceholders(item, appendPointer(pointer, name)),
  );
}

function asRecord(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

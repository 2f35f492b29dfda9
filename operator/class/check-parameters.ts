import type { ResourceClassSpec } from '../../crds/resource-class.ts';
import { toError } from '../../lib/errors.ts';
import { appendPointer, type Fault } from './fault.ts';
import { compileParametersSchema } from './parameters-schema.ts';

const ROOT = '/spec/parameters';
const DRAFT = 'https://json-schema.org/draft/2020-12/schema';

/** Whether the parameters schema can be used: type object, 2020-12, compiles, nothing write-only. */
export function checkParameters(spec: ResourceClassSpec): Fault[] {
  const schema = spec.parameters;
  const faults: Fault[] = [];
  if (schema['type'] !== 'object') {
    faults.push({ pointer: `${ROOT}/type`, message: 'must be "object"' });
  }
  if (schema['$schema'] !== undefined && schema['$schema'] !== DRAFT) {
    faults.push({ pointer: `${ROOT}/$schema`, message: `must be ${DRAFT}` });
  }
  faults.push(...findWriteOnly(schema, ROOT));
  return faults.length > 0 ? faults : checkCompiles(schema);
}

function checkCompiles(schema: Record<string, unknown>): Fault[] {
  try {
    compileParametersSchema(schema);
    return [];
  } catch (error) {
    return [{ pointer: ROOT, message: `is no JSON Schema 2020-12: ${toError(error).message}` }];
  }
}

/**
 * Parameters stand in custom resources and in the database for everybody to read, so a secret
 * can be no parameter.
 */
function findWriteOnly(value: unknown, pointer: string): Fault[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, item]) => {
    const place = appendPointer(pointer, name);
    return name === 'writeOnly' && item === true
      ? [{ pointer: place, message: 'secrets cannot be parameters; use generated values' }]
      : findWriteOnly(item, place);
  });
}

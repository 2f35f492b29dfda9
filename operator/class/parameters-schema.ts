import addFormats from 'ajv-formats';
import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js';
import { appendPointer, type Fault } from './fault.ts';

/** Most faults that one validation reports. */
const FAULT_LIMIT = 50;

/** What became of a requester's parameters. */
export type ParametersVerdict =
  { valid: true; parameters: Record<string, unknown> } | { valid: false; faults: Fault[] };

/** A compiled parameters schema: judges parameters and adds the defaults to a copy of them. */
export type ParametersValidator = (
  parameters: Record<string, unknown> | undefined,
) => ParametersVerdict;

/**
 * Compiles the parameters schema of a class (JSON Schema 2020-12).
 *
 * Unknown keywords are annotations, as the specification has it. Formats are checked.
 *
 * @throws {Error} of ajv when the schema is none; its message names the place
 */
export function compileParametersSchema(schema: Record<string, unknown>): ParametersValidator {
  const ajv = new Ajv2020({ allErrors: true, strict: false, useDefaults: true, logger: false });
  addFormats.default(ajv);
  const validate = ajv.compile(schema);
  return (parameters) => judge(validate, structuredClone(parameters ?? {}));
}

function judge(validate: ValidateFunction, copy: Record<string, unknown>): ParametersVerdict {
  if (validate(copy)) return { valid: true, parameters: copy };
  return { valid: false, faults: (validate.errors ?? []).slice(0, FAULT_LIMIT).map(toFault) };
}

/** Names the field that is missing or too much, where ajv names the object around it. */
function toFault(error: ErrorObject): Fault {
  const message = error.message ?? 'is not valid';
  switch (error.keyword) {
    case 'required':
    case 'dependentRequired':
      return {
        pointer: appendPointer(error.instancePath, nameIn(error, 'missingProperty')),
        message: 'is required',
      };
    case 'additionalProperties':
      return {
        pointer: appendPointer(error.instancePath, nameIn(error, 'additionalProperty')),
        message: 'is not a parameter of this class',
      };
    case 'unevaluatedProperties':
      return {
        pointer: appendPointer(error.instancePath, nameIn(error, 'unevaluatedProperty')),
        message: 'is not a parameter of this class',
      };
    case 'enum':
      return {
        pointer: error.instancePath,
        message: `must be one of ${JSON.stringify(error.params['allowedValues'])}`,
      };
    case 'const':
      return {
        pointer: error.instancePath,
        message: `must be ${JSON.stringify(error.params['allowedValue'])}`,
      };
    default:
      return { pointer: error.instancePath, message };
  }
}

function nameIn(error: ErrorObject, parameter: string): string {
  return String(error.params[parameter]);
}

import { Ajv2020, type ErrorObject } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';

/** One thing that is wrong with the parameters of a request. */
export interface ParameterFault {
  /** JSON Pointer (RFC 6901) into the body of the request, such as `/parameters/size`. */
  pointer: string;
  message: string;
}

/** Judges parameters; an empty list means that they are good. */
export type ParameterValidator = (parameters: Record<string, unknown>) => ParameterFault[];

/** More faults than this help nobody, and a large array could make very many. */
const FAULT_LIMIT = 50;

/**
 * Compiles the parameter schema of a class (JSON Schema 2020-12).
 *
 * Unknown keywords are allowed, since schemas carry hints for forms; defaults are not filled in:
 * what was requested is what gets approved.
 *
 * @throws {Error} of ajv, when the schema is none
 */
export function compileParameterValidator(schema: Record<string, unknown>): ParameterValidator {
  const ajv = new Ajv2020({ allErrors: true, strict: false, ownProperties: true });
  addFormats.default(ajv);
  const validate = ajv.compile(schema);
  return (parameters) => {
    if (validate(parameters)) return [];
    return (validate.errors ?? []).slice(0, FAULT_LIMIT).map(describeFault);
  };
}

function describeFault(error: ErrorObject): ParameterFault {
  return {
    pointer: `/parameters${error.instancePath}${childPointer(error)}`,
    message: describeError(error),
  };
}

/** Faults about a member that is missing or unknown are reported at that member. */
function childPointer(error: ErrorObject): string {
  const params = error.params as Record<string, unknown>;
  const child =
    params['missingProperty'] ?? params['additionalProperty'] ?? params['unevaluatedProperty'];
  if (typeof child !== 'string') return '';
  return `/${child.replaceAll('~', '~0').replaceAll('/', '~1')}`;
}

/** In the words of ajv, which repeat no value, and the choices where there are some. */
function describeError(error: ErrorObject): string {
  const params = error.params as Record<string, unknown>;
  switch (error.keyword) {
    case 'required':
      return 'is required';
    case 'additionalProperties':
    case 'unevaluatedProperties':
      return 'is not a parameter of this class';
    case 'enum':
      return `must be one of ${JSON.stringify(params['allowedValues'])}`;
    case 'const':
      return `must be ${JSON.stringify(params['allowedValue'])}`;
    default:
      return error.message ?? 'is not valid';
  }
}

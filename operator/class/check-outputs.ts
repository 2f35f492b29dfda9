import type { ResourceClassSpec } from '../../crds/resource-class.ts';
import { credentialKeys } from '../credentials/credential-keys.ts';
import type { Fault } from './fault.ts';

const CREDENTIALS = '/spec/outputs/credentials';
const SECRET_KEY = /^[-._a-zA-Z0-9]{1,253}$/;
/** Written by the platform (Service Binding specification). */
const RESERVED = ['type', 'provider'];

/** Whether outputs and binding fit together: keys that a Secret can have, once each. */
export function checkOutputs(spec: ResourceClassSpec): Fault[] {
  const keys = credentialKeys(spec);
  const faults = keys.flatMap(({ as }, index) =>
    describeKey(as, keys.findIndex((other) => other.as === as) !== index).map((message) => ({
      pointer: `${CREDENTIALS}/${index}`,
      message,
    })),
  );
  if (spec.binding && keys.length === 0) {
    faults.push({
      pointer: '/spec/binding',
      message: 'needs at least one output in outputs.credentials',
    });
  }
  return faults;
}

function describeKey(key: string, isDouble: boolean): string[] {
  if (!SECRET_KEY.test(key)) return [`"${key}" cannot be the key of a Secret`];
  if (RESERVED.includes(key)) return [`"${key}" is written by the platform`];
  return isDouble ? [`"${key}" is there twice`] : [];
}

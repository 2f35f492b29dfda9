import { API_VERSION, LABELS, MANAGED_BY } from '../../crds/constants.ts';
import type { ResourceClassSpec } from '../../crds/resource-class.ts';
import type { Secret } from '../../lib/kube/objects.ts';
import { credentialKeys } from './credential-keys.ts';

/** `provider` where a class names none. */
const DEFAULT_PROVIDER = 'quartermaster';

/** Whose credentials, and where they go. */
export interface CredentialsOwner {
  secretName: string;
  request: { namespace: string; name: string; uid: string };
  className: string;
}

/**
 * The Secret with the credentials of a request, by the Service Binding specification: `type`,
 * `provider` and one key per credential output. Outputs that are absent or null have no key.
 *
 * @param spec the class as it was applied
 * @param outputs values of the module's outputs
 */
export function buildCredentialsSecret(
  owner: CredentialsOwner,
  spec: Pick<ResourceClassSpec, 'outputs' | 'binding'>,
  outputs: Record<string, unknown>,
): Secret {
  const { request, secretName, className } = owner;
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: {
      name: secretName,
      namespace: request.namespace,
      labels: {
        [LABELS.managedBy]: MANAGED_BY,
        [LABELS.component]: 'credentials',
        [LABELS.requestUid]: request.uid,
        [LABELS.requestName]: request.name,
        [LABELS.className]: className,
      },
      ownerReferences: [
        {
          apiVersion: API_VERSION,
          kind: 'ResourceRequest',
          name: request.name,
          uid: request.uid,
          controller: true,
          blockOwnerDeletion: true,
        },
      ],
    },
    type: spec.binding ? `servicebinding.io/${spec.binding.type}` : 'Opaque',
    data: buildData(spec, outputs),
  };
}

/**
 * The outputs that everybody may see. One that the module calls sensitive is none of them, even if
 * the class says so.
 *
 * @param sensitive names of the outputs that the module calls sensitive
 */
export function pickPublicOutputs(
  spec: Pick<ResourceClassSpec, 'outputs'>,
  outputs: Record<string, unknown>,
  sensitive: readonly string[],
): Record<string, unknown> {
  const names = (spec.outputs?.public ?? []).filter((name) => !sensitive.includes(name));
  return Object.fromEntries(
    names.filter((name) => Object.hasOwn(outputs, name)).map((name) => [name, outputs[name]]),
  );
}

function buildData(
  spec: Pick<ResourceClassSpec, 'outputs' | 'binding'>,
  outputs: Record<string, unknown>,
): Record<string, string> {
  const data: Record<string, string> = {};
  for (const { from, as } of credentialKeys(spec)) {
    const value = Object.hasOwn(outputs, from) ? outputs[from] : undefined;
    if (value !== undefined && value !== null) data[as] = encode(value);
  }
  if (spec.binding) {
    data['type'] = encode(spec.binding.type);
    data['provider'] = encode(spec.binding.provider ?? DEFAULT_PROVIDER);
  }
  return data;
}

/** Texts as they are, everything else as JSON. */
function encode(value: unknown): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return Buffer.from(text, 'utf8').toString('base64');
}

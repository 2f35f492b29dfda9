import { randomUUID } from 'node:crypto';
import { exportJWK, generateKeyPair } from 'jose';
import { APPROVAL_ISSUER, APPROVAL_TYPE, type ApprovalClaims } from '../../../crds/approval.ts';
import { APPROVAL_KEYS } from '../../../crds/constants.ts';
import { signJws, type SigningKey } from '../../../lib/jws.ts';
import type { KubeClient } from '../../../lib/kube/client.ts';
import { RESOURCE_TYPES } from '../../../lib/kube/resource-types.ts';

/** Signs approvals as the api does. */
export class TestApprover {
  readonly #key: SigningKey;
  readonly #publicKey: object;

  private constructor(key: SigningKey, publicKey: object) {
    this.#key = key;
    this.#publicKey = publicKey;
  }

  /** An approver with a new key. */
  static async create(): Promise<TestApprover> {
    const pair = await generateKeyPair('EdDSA', { crv: 'Ed25519', extractable: true });
    const kid = randomUUID();
    const privateKey = { ...(await exportJWK(pair.privateKey)), kid };
    return new TestApprover(privateKey, {
      ...(await exportJWK(pair.publicKey)),
      kid,
      alg: 'EdDSA',
    });
  }

  /** Publishes the public key where the operator looks for it. */
  async publish(client: KubeClient, systemNamespace: string): Promise<void> {
    await client.create(RESOURCE_TYPES.configMaps, {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: APPROVAL_KEYS.configMap, namespace: systemNamespace },
      data: { [APPROVAL_KEYS.dataKey]: JSON.stringify({ keys: [this.#publicKey] }) },
    } as never);
  }

  /** An approval; it begins now and holds for an hour unless said otherwise. */
  sign(
    claims: Pick<ApprovalClaims, 'request' | 'class' | 'inputs'> & Partial<ApprovalClaims>,
    type = APPROVAL_TYPE,
  ): Promise<string> {
    const now = Math.floor(Date.now() / 1000);
    const complete: ApprovalClaims = {
      iss: APPROVAL_ISSUER,
      sub: 'user-1',
      name: 'approver@example.com',
      jti: randomUUID(),
      iat: now,
      exp: now + 3600,
      ...claims,
    };
    return signJws(complete, this.#key, type);
  }
}

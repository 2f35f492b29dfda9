import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { findCondition } from '../../../crds/condition.ts';
import type { ResourceRequestStatus } from '../../../crds/resource-request.ts';
import type { Secret } from '../../../lib/kube/objects.ts';
import { RESOURCE_TYPES } from '../../../lib/kube/resource-types.ts';
import { eventually } from '../eventually.ts';
import type { OperatorWorld } from '../operator/operator-world.ts';
import type { PlantedSecrets } from './planted-secrets.ts';

const MODULE = path.resolve(import.meta.dirname, 'modules/careless');
const NAME = 'careless';
const PATIENCE_MS = 90_000;

/** What the platform makes for the module. */
export const GENERATED = {
  password: { length: 32, characters: 'alphanumeric' },
  token: { length: 40, characters: 'hex' },
  phrase: { length: 64, characters: 'symbols' },
} as const;

/** A request of a module that prints every secret, through everything that can happen to it. */
export class CarelessLife {
  readonly #world: OperatorWorld;
  readonly #planted: PlantedSecrets;
  readonly #folder: string;
  readonly #describe: () => string;
  uid = '';

  /**
   * @param options.folder an empty one, for the module
   * @param options.describe what everybody said, for whoever has to find out what went wrong
   */
  constructor(options: {
    world: OperatorWorld;
    planted: PlantedSecrets;
    folder: string;
    describe: () => string;
  }) {
    this.#world = options.world;
    this.#planted = options.planted;
    this.#folder = options.folder;
    this.#describe = options.describe;
  }

  /** Makes the request, sees it fail at the plan and at the apply, and puts it right. */
  async liveUntilRotation(): Promise<void> {
    const parameters = { fail: 'none' };
    const className = await this.#offer();
    const { metadata } = await this.#world.createRequest(NAME, { className, parameters });
    this.uid = metadata.uid ?? '';
    await this.#approvePlan();
    await this.#awaitReady('Available');
    await this.#ask('plan');
    await this.#awaitPlanFailure();
    await this.#ask('apply');
    await this.#approvePlan();
    await this.#awaitReady('RunFailed');
    await this.#ask('none');
    await this.#approvePlan();
    await this.#awaitReady('Available');
  }

  /** All its secrets are made anew. */
  async rotate(): Promise<void> {
    const before = await this.readCredentials();
    await this.#annotate('rotate-at');
    await this.#eventually(async () => {
      const { password } = await this.readCredentials();
      return password !== undefined && password !== before['password'];
    });
    await this.#awaitReady('Available');
  }

  /** Somebody takes the module's own object away, a check finds out, and the request goes. */
  async liveToTheEnd(): Promise<void> {
    await this.#world.patch(NAME, { spec: { approval: null } });
    const key = { namespace: this.#world.namespaces.project, name: `${NAME}-own` };
    await this.#world.client.delete(RESOURCE_TYPES.secrets, key);
    await this.#annotate('reconcile-at');
    await this.#eventually(
      ({ conditions }) => findCondition(conditions, 'Drifted')?.status === 'True',
    );
    await this.#world.delete(NAME);
    await eventually(async () => {
      const found = await this.#world.findRequest(NAME);
      if (found !== undefined) throw this.#problem(found.status);
    }, PATIENCE_MS);
  }

  /** What the requester gets. */
  async readCredentials(): Promise<Record<string, string>> {
    const { data = {} } = (await this.#world.secret(NAME)) ?? {};
    return Object.fromEntries(
      Object.entries(data).map(([key, value]) => [key, Buffer.from(value, 'base64').toString()]),
    );
  }

  async #offer(): Promise<string> {
    const { license, provider } = this.#planted;
    cpSync(MODULE, this.#folder, { recursive: true });
    const main = path.join(this.#folder, 'main.tf');
    writeFileSync(main, readFileSync(main, 'utf8').replace('"LICENSE"', `"${license}"`));
    const secretRefs = [];
    for (const [index, values] of provider.entries()) {
      const name = `provider-${index}`;
      await this.#keepSecret(name, values);
      secretRefs.push({ name });
    }
    const fail = { enum: ['none', 'plan', 'apply'] };
    const credentials = ['password', 'token', 'connection', 'derived', 'pin'];
    const { metadata } = await this.#world.createClass('careless', {
      title: 'Careless',
      module: { source: this.#folder },
      parameters: { type: 'object', additionalProperties: false, properties: { fail } },
      variables: { name: '${request.name}', namespace: '${request.namespace}' },
      generated: GENERATED,
      outputs: { credentials, public: ['id'] },
      binding: { type: 'careless' },
      approval: { preview: 'Required' },
      runner: { secretRefs },
      drift: { interval: '1d' },
    });
    return metadata.name;
  }

  async #keepSecret(name: string, values: Record<string, string>): Promise<void> {
    const data = Object.fromEntries(
      Object.entries(values).map(([key, value]) => [key, Buffer.from(value).toString('base64')]),
    );
    const metadata = { namespace: this.#world.namespaces.runs, name };
    const secret: Secret = { apiVersion: 'v1', kind: 'Secret', metadata, data };
    await this.#world.client.create<Secret>(RESOURCE_TYPES.secrets, secret);
  }

  async #approvePlan(): Promise<void> {
    await this.#eventually(({ plan }) => plan !== undefined);
    const { status } = await this.#world.request(NAME);
    await this.#world.approve(NAME, { plan: status?.plan?.digest ?? '' });
  }

  async #ask(fail: string): Promise<void> {
    await this.#world.patch(NAME, { spec: { parameters: { fail } } });
  }

  async #annotate(wish: string): Promise<void> {
    const annotations = { [`quartermaster.dev/${wish}`]: new Date().toISOString() };
    await this.#world.patch(NAME, { metadata: { annotations } });
  }

  #awaitReady(reason: string): Promise<void> {
    return this.#eventually(({ conditions }) => {
      return findCondition(conditions, 'Ready')?.reason === reason;
    });
  }

  #awaitPlanFailure(): Promise<void> {
    return this.#eventually(({ conditions }) => {
      return findCondition(conditions, 'Approved')?.reason === 'PlanFailed';
    });
  }

  /** Waits until the status of the request as it stands is so. */
  #eventually(isSo: (status: ResourceRequestStatus) => boolean | Promise<boolean>): Promise<void> {
    return eventually(
      async () => {
        const { metadata, status } = await this.#world.request(NAME);
        const isCurrent = status?.observedGeneration === metadata.generation;
        if (!isCurrent || !(await isSo(status ?? {}))) throw this.#problem(status);
      },
      PATIENCE_MS,
      100,
    );
  }

  #problem(status: unknown): Error {
    return new Error(`${JSON.stringify(status, null, 1)}\n${this.#describe()}`);
  }
}

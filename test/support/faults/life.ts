import { findCondition } from '../../../crds/condition.ts';
import { eventually } from '../eventually.ts';
import type { OperatorWorld } from '../operator/operator-world.ts';
import type { Cloud } from './cloud.ts';

/** What a user does with a request, in this order. */
export const PHASES = ['create', 'update', 'retry', 'delete'] as const;
export type Phase = (typeof PHASES)[number];

/** The goal: after whatever happened, everything stands as it should within this time. */
export const CONVERGE_MS = 60_000;
const LOOK_MS = 100;

/** A class whose things the cloud makes. */
export const thingClass = {
  title: 'Thing',
  module: { source: './catalog/modules/postgres' },
  parameters: {
    type: 'object',
    additionalProperties: false,
    properties: { text: { type: 'string', maxLength: 100 } },
  },
  variables: { name: '${request.name}' },
  generated: { password: { length: 32 } },
  outputs: { credentials: ['id', 'password'], public: ['id', 'text'] },
  binding: { type: 'thing' },
  // Two runs more in each life, and what is looked for is in those that change something.
  approval: { preview: 'Skipped' },
};

/** One request from its making to its end, and what has to be true on the way. */
export class Life {
  readonly #world: OperatorWorld;
  readonly #cloud: Cloud;
  readonly #name: string;
  readonly #className: string;
  #uid = '';

  constructor(options: { world: OperatorWorld; cloud: Cloud; name: string; className: string }) {
    this.#world = options.world;
    this.#cloud = options.cloud;
    this.#name = options.name;
    this.#className = options.className;
  }

  /** Does what the user does, and waits until it has come true and everything is at rest. */
  async live(phase: Phase): Promise<void> {
    switch (phase) {
      case 'create':
        return this.#create();
      case 'update':
        return this.#change('second');
      case 'retry':
        return this.#retry();
      case 'delete':
        return this.#delete();
    }
  }

  async #create(): Promise<void> {
    const spec = { className: this.#className, parameters: { text: 'first' } };
    const { metadata } = await this.#world.createRequest(this.#name, spec);
    this.#uid = metadata.uid ?? '';
    await this.#world.approve(this.#name);
    await this.#awaitReady('first');
  }

  async #change(text: string): Promise<void> {
    await this.#ask(text);
    await this.#awaitReady(text);
  }

  async #retry(): Promise<void> {
    this.#cloud.broken.add(this.#name);
    await this.#ask('third');
    await this.#eventually(async () => {
      const { reason } = await this.#ready();
      if (!reason.startsWith('RunFailed')) throw new Error(`not failed but ${reason}`);
    });
    this.#cloud.broken.delete(this.#name);
    const annotations = { 'quartermaster.dev/reconcile-at': new Date().toISOString() };
    await this.#world.patch(this.#name, { metadata: { annotations } });
    await this.#awaitReady('third');
  }

  async #delete(): Promise<void> {
    await this.#world.delete(this.#name);
    await this.#eventually(async () => {
      if (await this.#world.findRequest(this.#name)) throw new Error('the request is still there');
      await this.#expectThings(0);
      const left = await this.#world.leftovers(this.#uid);
      if (await this.#world.secret(this.#name)) left.push('the credentials');
      if (left.length > 0) throw new Error(`left over: ${left.join(', ')}`);
    });
  }

  async #ask(text: string): Promise<void> {
    await this.#world.patch(this.#name, { spec: { parameters: { text } } });
    await this.#world.approve(this.#name);
  }

  async #awaitReady(text: string): Promise<void> {
    await this.#eventually(async () => {
      const { status, reason, outputs } = await this.#ready();
      if (status !== 'True') throw new Error(`not ready: ${reason}`);
      if (outputs['text'] !== text) throw new Error('the outputs are old');
      const left = await this.#world.leftovers(this.#uid);
      const jobs = left.filter((name) => name.startsWith('Job '));
      if (jobs.length > 0) throw new Error(`still there: ${jobs.join(', ')}`);
      await this.#expectThings(1);
    });
  }

  /** The condition Ready of the generation that stands. */
  async #ready(): Promise<{ status: string; reason: string; outputs: Record<string, unknown> }> {
    const { metadata, status } = await this.#world.request(this.#name);
    const ready = findCondition(status?.conditions, 'Ready');
    const isCurrent = ready?.observedGeneration === metadata.generation;
    const outputs = status?.outputs ?? {};
    if (!ready || !isCurrent) return { status: 'Unknown', reason: 'not looked at', outputs };
    return { status: ready.status, reason: `${ready.reason}: ${ready.message}`, outputs };
  }

  async #expectThings(count: number): Promise<void> {
    const { length } = await this.#cloud.things(this.#name);
    if (length !== count) throw new Error(`${length} things instead of ${count}`);
    const made = this.#cloud.made(this.#name);
    if (made !== 1) throw new Error(`${made} things were made instead of one`);
  }

  #eventually<T>(check: () => Promise<T>): Promise<T> {
    return eventually(check, CONVERGE_MS, LOOK_MS);
  }
}

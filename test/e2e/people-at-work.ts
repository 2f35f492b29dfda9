import { expect } from 'chai';
import { text } from '../../dev/demo/api-client.ts';
import { randomSuffix, type Tenancy } from '../../dev/demo/world.ts';
import { SteadyLoad } from './steady-load.ts';
import { UNPLANNED } from './unplanned-class.ts';

/** The developer reads, and files small requests that nobody approves, until it is enough. */
export class PeopleAtWork {
  readonly #tenancy: Tenancy;
  readonly #made: string[] = [];
  readonly #load: SteadyLoad;

  constructor(tenancy: Tenancy) {
    this.#tenancy = tenancy;
    const prefix = randomSuffix();
    this.#load = new SteadyLoad((count) =>
      count % 4 > 0 ? this.#read() : this.#file(`${prefix}-${count}`),
    );
  }

  /** Ends it: no call has failed, and everything that was confirmed is there. */
  async expectNothingLost(): Promise<void> {
    const { calls, failures } = await this.#load.stop();
    expect(failures, `of ${calls} calls`).to.deep.equal([]);
    expect(this.#made).to.have.length.above(0);
    for (const id of this.#made) {
      await this.#tenancy.developer.api.expect(200, 'GET', `/resource-requests/${id}`);
    }
  }

  async #read(): Promise<void> {
    await this.#tenancy.developer.api.expect(200, 'GET', '/resource-requests?limit=5');
  }

  async #file(name: string): Promise<void> {
    const { developer, projectId } = this.#tenancy;
    const body = { project_id: projectId, class_name: UNPLANNED, name, parameters: {} };
    const answer = await developer.api.expect(201, 'POST', '/resource-requests', { body });
    this.#made.push(text(answer.body, 'id'));
  }
}

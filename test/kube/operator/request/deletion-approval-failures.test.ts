import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect } from 'chai';
import { findCondition } from '../../../../crds/condition.ts';
import { ANNOTATIONS } from '../../../../crds/constants.ts';
import type { ResourceRequest } from '../../../../crds/resource-request.ts';
import {
  PATIENCE_MS,
  reasonOf,
  useGuardedThings,
} from '../../../support/requests/guarded-things.ts';

describe('an approved deletion that fails half way is not repeated under its spent approval', function () {
  this.timeout(4 * PATIENCE_MS);
  const things = useGuardedThings();
  const source = path.resolve(import.meta.dirname, 'modules/stubborn');
  let directory: string;

  before(() => {
    directory = mkdtempSync(path.join(tmpdir(), 'quartermaster-excuses-'));
  });
  after(() => rmSync(directory, { recursive: true, force: true }));

  /** What refuses to go, with what it says. */
  async function makeStubborn(name: string, excuse: string): Promise<ResourceRequest> {
    const file = excuseOf(name);
    writeFileSync(file, excuse);
    const className = await things.createClass(name, { source, variables: { excuse: file } });
    return things.makeReady(name, className);
  }

  const excuseOf = (name: string): string => path.join(directory, name);

  /** Approves the whole deletion; the plan that was approved. */
  async function approveAll(name: string): Promise<string> {
    await things.world.delete(name);
    const waiting = await things.awaitPlan(name);
    expect(waiting.status?.plan?.changes).to.deep.equal({ add: 0, change: 0, destroy: 2 });
    await things.approveShown(waiting);
    return waiting.status?.plan?.digest ?? '';
  }

  /** Sees that people are asked about the rest, and that their yes destroys it. */
  async function expectRestAsked(request: ResourceRequest, spent: string): Promise<void> {
    const { name } = request.metadata;
    const asked = await things.awaitPlan(name, spent);
    expect(asked.status?.plan?.changes).to.deep.equal({ add: 0, change: 0, destroy: 1 });
    expect(reasonOf(asked)).to.equal('ApprovalOutdated');
    expect(findCondition(asked.status?.conditions, 'Ready')?.message).to.contain(
      'The state has changed since the plan was made.',
    );
    rmSync(excuseOf(name));
    expect(await things.destroyRuns(name), 'under the spent approval').to.have.length(1);
    await things.approveShown(asked);
    await things.awaitGone(request);
  }

  it('what is left is planned by itself where the failure may pass, and people are asked again', async () => {
    const request = await makeStubborn('passing', 'connection refused');
    const spent = await approveAll('passing');
    await expectRestAsked(request, spent);
  });

  it('what is left is planned when somebody asks for it where the failure stays', async () => {
    const request = await makeStubborn('staying', 'there is no such zone');
    const spent = await approveAll('staying');
    const failed = await things.awaitReason('staying', 'DeprovisioningFailed');
    expect(failed.status?.failure).to.deep.include({ type: 'Configuration' });
    expect(failed.status?.plan).to.equal(undefined);
    expect(await things.findThing('staying')).to.equal(undefined);
    const annotations = { [ANNOTATIONS.reconcileAt]: 'now' };
    await things.world.patch('staying', { metadata: { annotations } });
    await expectRestAsked(request, spent);
  });
});

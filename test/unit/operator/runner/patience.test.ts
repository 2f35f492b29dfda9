import { expect } from 'chai';
import { RunApiUnreachableError } from '../../../../operator/runner/errors.ts';
import { RunApiClient } from '../../../../operator/runner/run-api-client.ts';
import { rejection } from '../../../support/rejection.ts';

/** The port of "discard", where nobody listens. */
const NOBODY = { url: 'https://127.0.0.1:9', ca: '', token: 't', run: 'run' };

describe('The patience of a runner with a run API that cannot be reached', () => {
  it('ends with the runner, also for what nobody else has', async () => {
    const api = new RunApiClient(NOBODY, 'one');
    const handedOver = rejection(api.uploadState(Buffer.from('{}')));
    api.close();
    expect(await handedOver).to.be.instanceOf(RunApiUnreachableError);
  });
});

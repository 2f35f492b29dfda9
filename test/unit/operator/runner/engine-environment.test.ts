import { expect } from 'chai';
import { buildEngineEnvironment } from '../../../../operator/runner/engine-environment.ts';

describe('The environment of the engine', () => {
  const workspace = {
    directory: '/scratch/root',
    temporary: '/scratch/tmp',
    home: '/scratch/home',
  };
  const access = { url: 'https://10.0.0.1:8443', ca: 'CA', token: 'TOKEN', run: 'run-1' };
  const build = (own: Record<string, string>) =>
    buildEngineEnvironment(own, workspace, access, 'instance-1');

  it('has no debug log, whatever the image or the class sets', () => {
    const environment = build({ TF_LOG: 'TRACE', TF_LOG_PROVIDER: 'TRACE', TF_LOG_CORE: 'DEBUG' });
    expect(environment['TF_LOG']).to.equal(undefined);
    expect(environment['TF_LOG_PROVIDER']).to.equal(undefined);
    expect(environment['TF_LOG_CORE']).to.equal(undefined);
  });

  it('keeps the state in the run API, as this process of this run', () => {
    expect(build({})).to.include({
      TF_HTTP_ADDRESS: 'https://10.0.0.1:8443/v1/runs/run-1/state',
      TF_HTTP_LOCK_ADDRESS: 'https://10.0.0.1:8443/v1/runs/run-1/state/lock',
      TF_HTTP_USERNAME: 'instance-1',
      TF_HTTP_PASSWORD: 'TOKEN',
      TF_HTTP_CLIENT_CA_CERTIFICATE_PEM: 'CA',
    });
  });

  it('keeps what a class brings, such as credentials of a cloud', () => {
    expect(build({ AWS_REGION: 'eu-central-1' })).to.include({ AWS_REGION: 'eu-central-1' });
  });
});

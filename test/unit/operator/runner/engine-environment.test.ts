import { expect } from 'chai';
import { buildEngineEnvironment } from '../../../../operator/runner/engine-environment.ts';

describe('The environment of the engine', () => {
  const workspace = {
    directory: '/scratch/root',
    temporary: '/scratch/tmp',
    home: '/scratch/home',
  };
  const backend = { url: 'http://127.0.0.1:4321/state', user: 'engine', password: 'PASSWORD' };
  const build = (own: Record<string, string>) => buildEngineEnvironment(own, workspace, backend);

  it('has no debug log, whatever the image or the class sets', () => {
    const environment = build({ TF_LOG: 'TRACE', TF_LOG_PROVIDER: 'TRACE', TF_LOG_CORE: 'DEBUG' });
    expect(environment['TF_LOG']).to.equal(undefined);
    expect(environment['TF_LOG_PROVIDER']).to.equal(undefined);
    expect(environment['TF_LOG_CORE']).to.equal(undefined);
  });

  it('has none of the settings that the runner itself was started with', () => {
    expect(build({ NODE_OPTIONS: '--use-openssl-ca' })['NODE_OPTIONS']).to.equal(undefined);
  });

  it('keeps its state where it is told, whatever the image or the class sets', () => {
    expect(build({ TF_HTTP_ADDRESS: 'https://example.com', TF_HTTP_PASSWORD: 'x' })).to.include({
      TF_HTTP_ADDRESS: 'http://127.0.0.1:4321/state',
      TF_HTTP_LOCK_ADDRESS: 'http://127.0.0.1:4321/state',
      TF_HTTP_UNLOCK_ADDRESS: 'http://127.0.0.1:4321/state',
      TF_HTTP_USERNAME: 'engine',
      TF_HTTP_PASSWORD: 'PASSWORD',
    });
  });

  it('keeps what a class brings, such as credentials of a cloud', () => {
    expect(build({ AWS_REGION: 'eu-central-1' })).to.include({ AWS_REGION: 'eu-central-1' });
  });
});

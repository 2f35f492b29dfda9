import type { RunAccess } from '../terraform/run-contract.ts';
import type { Workspace } from './workspace.ts';

/**
 * The environment of the engine: ours (where a class's own credentials are), without a terminal or
 * telemetry, with its state in the run API.
 */
export function buildEngineEnvironment(
  own: Record<string, string | undefined>,
  workspace: Workspace,
  access: RunAccess,
  instance: string,
): Record<string, string | undefined> {
  const address = `${access.url}/v1/runs/${encodeURIComponent(access.run)}/state`;
  return {
    ...own,
    HOME: workspace.home,
    TMPDIR: workspace.temporary,
    CHECKPOINT_DISABLE: '1',
    TF_IN_AUTOMATION: '1',
    TF_INPUT: '0',
    // An engine that fills a cache while another reads it breaks both (ADR 0015).
    TF_PLUGIN_CACHE_DIR: undefined,
    // A debug log would print every secret there is.
    TF_LOG: undefined,
    TF_LOG_CORE: undefined,
    TF_LOG_PROVIDER: undefined,
    TF_HTTP_ADDRESS: address,
    TF_HTTP_LOCK_ADDRESS: `${address}/lock`,
    TF_HTTP_UNLOCK_ADDRESS: `${address}/lock`,
    TF_HTTP_USERNAME: instance,
    TF_HTTP_PASSWORD: access.token,
    TF_HTTP_CLIENT_CA_CERTIFICATE_PEM: access.ca,
    TF_HTTP_RETRY_MAX: '6',
    TF_HTTP_RETRY_WAIT_MIN: '1',
    TF_HTTP_RETRY_WAIT_MAX: '10',
  };
}

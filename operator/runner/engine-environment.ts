import type { StateBackend } from './state-relay.ts';
import type { Workspace } from './workspace.ts';

/**
 * The environment of the engine: ours (where a class's own credentials are), without a terminal or
 * telemetry, with its state where we say.
 */
export function buildEngineEnvironment(
  own: Record<string, string | undefined>,
  workspace: Workspace,
  { url, user, password }: StateBackend,
): Record<string, string | undefined> {
  return {
    ...own,
    HOME: workspace.home,
    TMPDIR: workspace.temporary,
    // Of the runner alone, not of programs that a module starts.
    NODE_OPTIONS: undefined,
    CHECKPOINT_DISABLE: '1',
    TF_IN_AUTOMATION: '1',
    TF_INPUT: '0',
    // An engine that fills a cache while another reads it breaks both (ADR 0015).
    TF_PLUGIN_CACHE_DIR: undefined,
    // A debug log would print every secret there is.
    TF_LOG: undefined,
    TF_LOG_CORE: undefined,
    TF_LOG_PROVIDER: undefined,
    TF_HTTP_ADDRESS: url,
    TF_HTTP_LOCK_ADDRESS: url,
    TF_HTTP_UNLOCK_ADDRESS: url,
    TF_HTTP_USERNAME: user,
    TF_HTTP_PASSWORD: password,
    TF_HTTP_RETRY_MAX: '6',
    TF_HTTP_RETRY_WAIT_MIN: '1',
    TF_HTTP_RETRY_WAIT_MAX: '10',
  };
}

import { systemClock } from '../../../lib/clock.ts';
import { createKubeClient } from '../../../lib/kube/create-kube-client.ts';
import { Informer } from '../../../lib/kube/informer.ts';
import type { ConfigMap } from '../../../lib/kube/objects.ts';
import { RESOURCE_TYPES } from '../../../lib/kube/resource-types.ts';
import { QuietLogger } from '../quiet-logger.ts';

/**
 * Watches the ConfigMaps of a namespace until SIGTERM, and writes the keys of those it knows after
 * every change, as one line of JSON. It has no handler for what nobody handles.
 */
const { KUBECONFIG: kubeconfig, WATCHED_NAMESPACE: namespace } = process.env;
if (kubeconfig === undefined) throw new TypeError('KUBECONFIG is not set');
const client = createKubeClient({ kubeconfig });
const informer = new Informer<ConfigMap>({
  ...{ client, namespace, type: RESOURCE_TYPES.configMaps },
  ...{ log: new QuietLogger(), clock: systemClock },
  onChange: () => tell(),
  timing: {
    ...{ relistMs: 60_000, watchMinMs: 2_000, watchMaxMs: 2_000, idleMs: 1_000, pageMs: 1_000 },
    ...{ backoffBaseMs: 10, backoffMaxMs: 100 },
  },
});
informer.start();
process.once('SIGTERM', () => {
  void informer.stop().then(() => client.close());
});

function tell(): void {
  const names = informer.list().map(({ metadata }) => metadata.name);
  process.stdout.write(`${JSON.stringify(names.toSorted())}\n`);
}

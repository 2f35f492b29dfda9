import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { createKubeClient } from '../../lib/kube/create-kube-client.ts';
import { RESOURCE_TYPES } from '../../lib/kube/resource-types.ts';
import { describeMachine, readLoad, type Section } from '../document.ts';
import { startBenchCluster } from './bench-cluster.ts';
import { inParallel } from './in-parallel.ts';
import { PLATFORM } from './open-project.ts';

const CALLS = 3_000;
const AT_ONCE = 20;

/** What undici says when a connection was made. */
const CONNECTED = 'undici:client:connected';

/** How many connections our client needs, and how fast it is. */
export async function benchCalls(): Promise<Section> {
  const { kubeconfig } = await startBenchCluster();
  const client = createKubeClient({ kubeconfig });
  let connections = 0;
  const count = (): void => void (connections += 1);
  subscribe(CONNECTED, count);
  const loadBefore = readLoad();
  const begin = performance.now();
  await inParallel(Array.from({ length: CALLS }), AT_ONCE, () =>
    client.list(RESOURCE_TYPES.configMaps, { namespace: PLATFORM.system }),
  );
  const seconds = (performance.now() - begin) / 1_000;
  unsubscribe(CONNECTED, count);
  await client.close();
  return {
    title: 'Calls',
    figures: [
      {
        what: `connections for ${CALLS} lists, ${AT_ONCE} at a time`,
        measured: connections,
        unit: '',
        goal: 30,
      },
      { what: 'lists', measured: CALLS / seconds, unit: '/s' },
    ],
    notes: [
      ...describeMachine(loadBefore),
      'The client of lib/kube against a real API server over TLS, from one process.',
    ],
  };
}

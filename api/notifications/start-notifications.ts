import type { Dependencies } from '../deps.ts';
import { repeat } from '../sync/repeat.ts';
import { deliverDue, type DeliveryDependencies } from './deliver.ts';
import { pruneDeliveries } from './delivery-queue.ts';
import { fanOut } from './fan-out.ts';
import { createAddressGuard } from './private-addresses.ts';
import { createSecretBox } from './secret-box.ts';
import { warnOfExpiry } from './warn-of-expiry.ts';
import { createWebhookClient } from './webhook-client.ts';

const LOOK_EVERY_MS = 1_000;
const LOOK_AHEAD_EVERY_MS = 5 * 60_000;

/** What notifications need of the api. */
export type NotificationDependencies = Pick<
  Dependencies,
  'config' | 'database' | 'keys' | 'mailer' | 'clock' | 'log'
>;

/** What deliveries are made with, by the settings of the api. */
export function deliveryDependencies(deps: NotificationDependencies): DeliveryDependencies {
  const { config, database, keys, mailer, clock, log } = deps;
  const guard = createAddressGuard(config.WEBHOOK_ALLOWED_NETWORKS);
  return {
    ...{ database, mailer, clock, publicUrl: config.PUBLIC_URL },
    webhooks: createWebhookClient(guard),
    box: createSecretBox(keys),
    log: log.child({ component: 'notifications' }),
  };
}

/**
 * Tells people and programs of what happens, for as long as the process lives.
 *
 * @returns ends it, after what is in hand
 */
export function startNotifications(deps: NotificationDependencies): () => Promise<void> {
  const delivery = deliveryDependencies(deps);
  const { database, log, clock, mailer } = delivery;
  const ends = [
    repeat({
      ...{ name: 'deliver notifications', everyMs: LOOK_EVERY_MS, log },
      work: async () => {
        while ((await fanOut(database, mailer !== undefined)) > 0);
        while ((await deliverDue(delivery)) > 0);
      },
    }),
    repeat({
      ...{ name: 'look for approvals that end', everyMs: LOOK_AHEAD_EVERY_MS, log },
      work: async () => {
        await warnOfExpiry(database, clock.now());
        await pruneDeliveries(database);
      },
    }),
  ];
  return async () => {
    await Promise.all(ends.map((end) => end()));
    await delivery.webhooks.close();
  };
}

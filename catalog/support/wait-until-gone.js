/**
 * Waits until none of the objects named in OBJECT_PATHS (API paths, separated by spaces) exists
 * any more, for at most TIMEOUT_SECONDS. An object that belongs to another request than
 * REQUEST_UID does not count. The provider's own `wait` looks only every ten seconds.
 */
import { readObject, run, waitFor } from './kubernetes.js';

const ownerLabel = 'quartermaster.dev/request-uid';

await run(async ({ OBJECT_PATHS, REQUEST_UID, TIMEOUT_SECONDS }) => {
  for (const path of OBJECT_PATHS.split(' ')) {
    await waitFor(`${path} was not gone`, Number(TIMEOUT_SECONDS), async () => {
      const object = await readObject(path);
      return object?.metadata.labels?.[ownerLabel] === REQUEST_UID ? null : true;
    });
  }
});

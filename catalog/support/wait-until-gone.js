/**
 * Waits until none of the objects named in OBJECT_PATHS (API paths, separated by spaces) exists
 * any more, for at most TIMEOUT_SECONDS. The provider's own `wait` looks only every ten seconds.
 */
import { readObject, run, waitFor } from './kubernetes.js';

await run(async ({ OBJECT_PATHS, TIMEOUT_SECONDS }) => {
  for (const path of OBJECT_PATHS.split(' ')) {
    await waitFor(`${path} was not gone`, Number(TIMEOUT_SECONDS), async () =>
      (await readObject(path)) === null ? true : null,
    );
  }
});

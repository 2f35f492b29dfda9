/**
 * Waits until Kubernetes has filled the Secret in SECRET_PATH, for at most TIMEOUT_SECONDS, and
 * writes its token and the cluster's certificates into TOKEN_FILE, readable by this user alone.
 */
import { writeFile } from 'node:fs/promises';
import { Buffer } from 'node:buffer';
import { readObject, run, waitFor } from '../../support/kubernetes.js';

const decode = (text) => Buffer.from(text, 'base64').toString('utf8');

await run(async ({ SECRET_PATH, TOKEN_FILE, TIMEOUT_SECONDS }) => {
  const data = await waitFor('The token was not made', Number(TIMEOUT_SECONDS), async () => {
    const secret = await readObject(SECRET_PATH);
    return secret?.data?.token && secret.data['ca.crt'] ? secret.data : null;
  });
  const content = { token: decode(data.token), certificate: decode(data['ca.crt']) };
  await writeFile(TOKEN_FILE, JSON.stringify(content), { mode: 0o600 });
});

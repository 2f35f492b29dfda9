const answerMilliseconds = 3000;

/**
 * Asks each registry once per start whether it can be reached, so that a machine without network
 * waits for a few seconds and not for every image.
 */
export class RegistryProbe {
  readonly #answers = new Map<string, Promise<boolean>>();

  /**
   * @param imageName a complete image name, such as `docker.io/library/node:24`
   * @returns whether its registry answers, be it with a refusal
   */
  canReach(imageName: string): Promise<boolean> {
    const [host = ''] = imageName.split('/');
    const known = this.#answers.get(host);
    if (known) return known;
    const answer = probe(host === 'docker.io' ? 'registry-1.docker.io' : host);
    this.#answers.set(host, answer);
    return answer;
  }
}

/** A registry answers here with 200 or, since nobody has signed in, with 401; anything else is none. */
async function probe(host: string): Promise<boolean> {
  try {
    const signal = AbortSignal.timeout(answerMilliseconds);
    const response = await fetch(`https://${host}/v2/`, { signal, redirect: 'manual' });
    return response.status === 200 || response.status === 401;
  } catch {
    return false;
  }
}

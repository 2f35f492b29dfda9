import type { KubeClient } from '../../../lib/kube/client.ts';

/** What is called in the place of some methods, with what they would get. */
export type ReplacedCalls = {
  [Method in keyof KubeClient]?: KubeClient[Method] extends (...call: infer Call) => unknown
    ? (...call: Call) => unknown
    : never;
};

/**
 * A client that something happens to at a moment that no server can be made to choose, such as between two
 * calls. Every other call goes to the real one.
 *
 * @param client the real one, which stays as it is
 */
export function replaceCalls(client: KubeClient, replaced: ReplacedCalls): KubeClient {
  return new Proxy(client, {
    get(target, property) {
      if (Object.hasOwn(replaced, property)) return Reflect.get(replaced, property) as unknown;
      const value: unknown = Reflect.get(target, property, target);
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
}

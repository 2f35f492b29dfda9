/**
 * The error that a promise ends with.
 *
 * @throws {Error} if it is fulfilled
 */
export async function rejection(promise: PromiseLike<unknown>): Promise<Error> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof Error) return error;
    throw new Error('something that is no Error was thrown', { cause: error });
  }
  throw new Error('the promise was fulfilled, but should have been rejected');
}

/** Whether something answers, and within so many milliseconds: what it says does not matter, nor why it did not. */
export async function answersWithin(timeoutMs: number, ask: () => PromiseLike<unknown>): Promise<boolean> {
  return new Promise((resolve) => {
    const answer = (isThere: boolean): void => {
      clearTimeout(timer);
      resolve(isThere);
    };
    const timer = setTimeout(answer, timeoutMs, false);
    ask().then(
      () => {
        answer(true);
      },
      () => {
        answer(false);
      },
    );
  });
}

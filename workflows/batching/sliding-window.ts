import * as wf from '@temporalio/workflow';

/** Does one thing for each item, a few at a time: the next begins as soon as one ends, so that a slow one holds up nobody. */
export async function slide<Item>(
  items: readonly Item[],
  width: number,
  act: (item: Item) => Promise<void>,
): Promise<void> {
  let underWay = 0;
  const all: Promise<void>[] = [];
  for (const item of items) {
    await wf.condition(() => underWay < width);
    underWay++;
    all.push(
      act(item).finally(() => {
        underWay--;
      }),
    );
  }
  await Promise.all(all);
}

import type { Browser } from 'playwright-core';

import type { Shot } from './shots.ts';
import { type Installation, signIn } from './sign-in.ts';

const ROUNDS = 5;
const LONGEST_MS = 15_000;

/**
 * How long each page takes, from the beginning of the navigation with nothing in the browser's cache, until it can be used: its heading and
 * its first data are there, nothing loads any more, and a control has answered a press. As a table in Markdown; whoever is measured is not
 * alone on the machine, so that the median of some rounds counts, and a test never.
 */
export async function timesOf(
  browser: Browser,
  installation: Installation,
  shots: readonly Shot[],
  report: (line: string) => void,
): Promise<string> {
  const pages = shots.filter(({ name, path }) => shots.find((other) => other.path === path)?.name === name);
  // The first page after the start warms the server, not the browser.
  await timeOf(browser, installation, pages[0]);
  const rows: string[] = [];
  for (const shot of pages) {
    const times: number[] = [];
    for (let round = 0; round < ROUNDS; round += 1) times.push(await timeOf(browser, installation, shot));
    times.sort((a, b) => a - b);
    const shown = [times[0], times[Math.floor(ROUNDS / 2)], times.at(-1)].map((ms) => `${String(ms)} ms`);
    const row = `| ${[shot.name, ...shown].join(' | ')} |`;
    report(row);
    rows.push(row);
  }
  return `${['| page | can be used after, at best | in the middle | at worst |', '|---|---|---|---|', ...rows].join('\n')}\n`;
}

async function timeOf(browser: Browser, installation: Installation, shot: Shot | undefined): Promise<number> {
  if (shot === undefined) throw new Error('there is no page to measure');
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, locale: 'en-US' });
  try {
    await signIn(context, installation, shot.as);
    const page = await context.newPage();
    await page.addInitScript(WATCH);
    await page.goto(installation.url + shot.path, { waitUntil: 'commit' });
    return await page.evaluate<number>(`window.usableAfterMs(${String(LONGEST_MS)})`);
  } finally {
    await context.close();
  }
}

/**
 * Runs in the page, whose clock begins with the navigation. Usable: the state from which on nothing is busy for a while (data may ask for more
 * data), and the time from a press to its answer on top of it.
 */
const WATCH = `
  const CALM_MS = 250;
  const isThere = () => document.querySelector('main h1') !== null && document.querySelector('[aria-busy=true]') === null;
  let since = null;
  const look = () => {
    if (!isThere()) since = null;
    else since ??= performance.now();
    requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
  const until = (is, longestMs) => new Promise((resolve, reject) => {
    const ask = () => {
      if (is()) resolve();
      else if (performance.now() > longestMs) reject(new Error('the page cannot be used'));
      else requestAnimationFrame(ask);
    };
    ask();
  });
  window.usableAfterMs = async (longestMs) => {
    await until(() => since !== null && performance.now() - since > CALM_MS, longestMs);
    const there = since;
    const scheme = () => document.documentElement.dataset.mantineColorScheme;
    const [before, pressedAt] = [scheme(), performance.now()];
    document.querySelector('[aria-label="Light or dark"]').click();
    await until(() => scheme() !== before, longestMs);
    return Math.round(there + performance.now() - pressedAt);
  };
`;

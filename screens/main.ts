// Entry point of `npm run screens`: starts a stack of its own with the demo accounts, and takes a picture of every page into docs/screens, or
// measures them (`--times`).
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { type Browser, chromium, type Page } from 'playwright-core';

import { createHttpClient } from '../sdk/http-client.ts';
import { readSettings } from '../settings/settings.ts';
import { findBrowser } from '../stack/browser/find-browser.ts';
import { buildPages } from '../stack/pages/build-pages.ts';
import { runEngine } from '../stack/run-engine.ts';
import { startStack } from '../stack/stack.ts';
import { type Shot, SHOTS } from './shots.ts';
import { type Installation, signIn } from './sign-in.ts';
import { timesOf } from './times.ts';

const SCREENS = fileURLToPath(new URL('../docs/screens/', import.meta.url));
/** Measures instead how long each page takes until it can be used. */
const TIMES = '--times';
/** A year is played by the real engine. */
const LONGEST_ACT_MS = 180_000;
const LOOKS = [
  { look: 'light', viewport: { width: 1280, height: 800 }, colorScheme: 'light' },
  { look: 'dark', viewport: { width: 1280, height: 800 }, colorScheme: 'dark' },
  { look: 'phone', viewport: { width: 390, height: 844 }, colorScheme: 'light' },
] as const;

async function main(): Promise<void> {
  const args = process.argv.slice(2);
  const only = args.filter((arg) => arg !== TIMES);
  const shots = only.length === 0 ? SHOTS : SHOTS.filter(({ name }) => only.includes(name));
  const directory = mkdtempSync(join(tmpdir(), 'perennial-screens-'));
  const settings = readSettings({ ...process.env, PERENNIAL_DIRECTORY: directory });
  const stack = await startStack({ kind: 'kept', directory }, { settings, report: say });
  try {
    const engine = await runEngine(stack, { settings, report: say, directory, pages: buildPages({ report: say }) });
    try {
      const key = readFileSync(join(directory, 'operator-key'), 'utf8').trim();
      await withBrowser(async (browser) => {
        const installation = { url: engine.apiUrl, key, client: createHttpClient(engine.apiUrl, key) };
        if (args.includes(TIMES)) process.stdout.write(await timesOf(browser, installation, shots, say));
        else await takeAll(browser, installation, shots);
      });
    } finally {
      await engine.stop();
    }
  } finally {
    await stack.stop();
    rmSync(directory, { recursive: true, force: true });
  }
}

async function withBrowser(use: (browser: Browser) => Promise<void>): Promise<void> {
  const { executablePath, env } = await findBrowser();
  const browser = await chromium.launch({
    executablePath,
    env: { ...(process.env as Record<string, string>), ...env },
    chromiumSandbox: process.getuid?.() !== 0,
    args: ['--font-render-hinting=none', '--disable-dev-shm-usage'],
  });
  try {
    await use(browser);
  } finally {
    await browser.close();
  }
}

async function takeAll(browser: Browser, installation: Installation, shots: readonly Shot[]): Promise<void> {
  for (const shot of shots) {
    for (const look of LOOKS) await take(browser, installation, shot, look);
    say(shot.name);
  }
}

async function take(
  browser: Browser,
  installation: Installation,
  shot: Shot,
  { look, viewport, colorScheme }: (typeof LOOKS)[number],
): Promise<void> {
  const context = await browser.newContext({ viewport, colorScheme, reducedMotion: 'reduce', locale: 'en-US' });
  try {
    await signIn(context, installation, shot.as);
    const page = await context.newPage();
    await page.goto(installation.url + shot.path);
    await settled(page);
    for (const { role, name } of shot.press ?? []) {
      const pressed = page.getByRole(role, { name }).first();
      await pressed.click();
      // What takes its time cannot be pressed again meanwhile.
      while ((await pressed.count()) > 0 && !(await pressed.isEnabled())) await page.waitForTimeout(100);
      await settled(page);
    }
    if (shot.until !== undefined) await page.getByText(shot.until).first().waitFor({ timeout: LONGEST_ACT_MS });
    // A window as tall as the page: what is fixed to the window is then as tall, too.
    const { height } = (await page.locator('body').boundingBox()) ?? viewport;
    await page.setViewportSize({ width: viewport.width, height: Math.max(viewport.height, Math.ceil(height)) });
    await page.screenshot({ path: join(SCREENS, `${shot.name}-${look}.png`), animations: 'disabled' });
  } finally {
    await context.close();
  }
}

/** Nothing loads any more. The live connection never ends, so an idle network is not waited for. */
async function settled(page: Page): Promise<void> {
  await page.getByRole('heading', { level: 1 }).first().waitFor();
  const busy = page.locator('[aria-busy=true]');
  while ((await busy.count()) > 0) await busy.first().waitFor({ state: 'detached' });
  await page.evaluate('document.fonts.ready');
  await page.waitForTimeout(400);
}

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}

await main();
process.exit();

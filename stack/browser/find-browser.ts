import { accessSync, constants, existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

import { readSettings } from '../../settings/settings.ts';
import { type UnpackedChromium, unpackedChromium } from './unpacked-chromium.ts';

/** A browser that playwright can drive. */
export interface FoundBrowser extends UnpackedChromium {
  /** Where it came from, for people. */
  readonly source: string;
}

/** There is none, or not the one that was named. */
export class BrowserNotFound extends Error {
  readonly code = 'BROWSER_NOT_FOUND';

  constructor(why: string) {
    super(
      `There is no browser: ${why} Set PERENNIAL_BROWSER to the path of a Chrome or Chromium, put one on the PATH, or run \`npm ci\`, ` +
        'which brings one for Linux on x64.',
    );
    this.name = 'BrowserNotFound';
  }
}

const NAMES = ['google-chrome', 'google-chrome-stable', 'chromium', 'chromium-browser', 'chrome'] as const;
const APPLICATIONS: readonly string[] = [
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
];

/**
 * `PERENNIAL_BROWSER`, an installed Chrome or Chromium, or the one that npm brings (@sparticuz/chromium), in this order.
 * @throws BrowserNotFound
 */
export async function findBrowser(
  environment: Readonly<Record<string, string | undefined>> = process.env,
): Promise<FoundBrowser> {
  const { browser } = readSettings(environment);
  if (browser !== null) {
    if (!isProgram(browser)) throw new BrowserNotFound(`PERENNIAL_BROWSER is ${browser}, which is no program.`);
    return { executablePath: browser, env: {}, source: 'PERENNIAL_BROWSER' };
  }
  const folders = (environment['PATH'] ?? '').split(delimiter).filter((each) => each !== '');
  const installed = [...folders.flatMap((folder) => NAMES.map((name) => join(folder, name))), ...APPLICATIONS];
  const found = installed.find(isProgram);
  if (found !== undefined) return { executablePath: found, env: {}, source: found };
  try {
    return { ...(await unpackedChromium(environment)), source: '@sparticuz/chromium' };
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new BrowserNotFound(`none is on the PATH, and the one of @sparticuz/chromium cannot be used. ${why}`);
  }
}

function isProgram(path: string): boolean {
  if (!existsSync(path)) return false;
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

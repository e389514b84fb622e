import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { nodeProgram } from '../process/node-program.ts';
import { cacheDirectory } from '../temporal/cache-directory.ts';

const run = promisify(execFile);
const UNPACK = fileURLToPath(new URL('./unpack-chromium.ts', import.meta.url));
const { resolve } = createRequire(import.meta.url);
const START_TIMEOUT_MS = 30_000;

export interface UnpackedChromium {
  readonly executablePath: string;
  /** Beside our own environment. */
  readonly env: Readonly<Record<string, string>>;
}

/**
 * The Chromium that @sparticuz/chromium packs, unpacked once per user and version. It is a headless shell, and asks for little: the libraries it
 * needs that a server may lack (NSS, NSPR) come with it and are used where they are missing, and so does a font.
 */
export async function unpackedChromium(
  environment: Readonly<Record<string, string | undefined>>,
): Promise<UnpackedChromium> {
  const directory = join(cacheDirectory(environment), `chromium-${packedVersion()}`);
  if (!existsSync(directory)) await unpackInto(directory, environment);
  const executablePath = join(directory, 'chromium');
  const fonts = { FONTCONFIG_FILE: join(directory, 'fonts.conf') };
  if (await starts(executablePath, fonts)) return { executablePath, env: fonts };
  const own = join(directory, 'al2023', 'lib');
  const inherited = environment['LD_LIBRARY_PATH'];
  const libraries = { ...fonts, LD_LIBRARY_PATH: inherited === undefined ? own : `${own}:${inherited}` };
  // Its error, if it has one, is the message.
  await run(executablePath, ['--version'], { env: { ...process.env, ...libraries }, timeout: START_TIMEOUT_MS });
  return { executablePath, env: libraries };
}

async function starts(executablePath: string, env: Readonly<Record<string, string>>): Promise<boolean> {
  try {
    await run(executablePath, ['--version'], { env: { ...process.env, ...env }, timeout: START_TIMEOUT_MS });
    return true;
  } catch {
    return false;
  }
}

function packedVersion(): string {
  // Its own package.json is not among what it exports.
  const manifest = join(dirname(resolve('@sparticuz/chromium')), '..', '..', 'package.json');
  return (JSON.parse(readFileSync(manifest, 'utf8')) as { readonly version: string }).version;
}

/** Beside its place first, so that nobody ever sees half of it; of two at once, the second throws its own away. */
async function unpackInto(directory: string, environment: Readonly<Record<string, string | undefined>>): Promise<void> {
  const draft = `${directory}.${randomUUID()}`;
  mkdirSync(draft, { recursive: true });
  try {
    // It unpacks into the temporary directory, and its libraries only where it believes to be at home.
    const env = { ...environment, TMPDIR: draft, AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs22.x' };
    await run(process.execPath, nodeProgram(UNPACK), { env });
    writeFileSync(join(draft, 'fonts.conf'), fontsOf(directory));
    try {
      renameSync(draft, directory);
    } catch (error) {
      if (!existsSync(directory)) throw error;
    }
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
}

/** The same fonts on every machine, so that a page looks the same; DejaVu has the signs that Open Sans lacks. */
function fontsOf(directory: string): string {
  const dejaVu = join(dirname(resolve('dejavu-fonts-ttf/package.json')), 'ttf');
  return `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir>${join(directory, 'fonts')}</dir>
  <dir>${dejaVu}</dir>
  <alias><family>sans-serif</family><prefer><family>Open Sans</family><family>DejaVu Sans</family></prefer></alias>
  <alias><family>monospace</family><prefer><family>DejaVu Sans Mono</family></prefer></alias>
  <cachedir>${join(directory, 'fonts-cache')}</cachedir>
</fontconfig>
`;
}

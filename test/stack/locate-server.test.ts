import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeEach, describe, expect, it } from 'vitest';

import { readSettings } from '../../settings/settings.ts';
import { buildServer, builtServerPath } from '../../stack/temporal/build-server.ts';
import { isReachable } from '../../stack/temporal/download-server.ts';
import { findOnPath, locateServer } from '../../stack/temporal/locate-server.ts';

const scratch = mkdtempSync(join(tmpdir(), 'perennial test '));
afterAll(() => {
  rmSync(scratch, { recursive: true, force: true });
});

function executable(path: string, script: string): string {
  writeFileSync(path, `#!/bin/sh\n${script}\n`);
  chmodSync(path, 0o755);
  return path;
}

describe('finding a Temporal server', () => {
  it('given PERENNIAL_TEMPORAL_SERVER, when located, then it goes before everything else', async () => {
    const path = executable(join(scratch, 'my server'), 'exit 0');
    const settings = readSettings({ PERENNIAL_TEMPORAL_SERVER: path });
    expect(await locateServer(settings, () => undefined)).toMatchObject({ kind: 'own', path });
  });

  it('given PERENNIAL_TEMPORAL_SERVER that is no program, when located, then it is named', async () => {
    const settings = readSettings({ PERENNIAL_TEMPORAL_SERVER: scratch });
    await expect(locateServer(settings, () => undefined)).rejects.toThrow(`"${scratch}" is not an executable file`);
  });

  it('given a PATH, when searched, then the first program counts, not a directory of that name', () => {
    const [first, second] = [join(scratch, 'first'), join(scratch, 'second')];
    mkdirSync(join(first, 'temporal'), { recursive: true });
    mkdirSync(second);
    const path = executable(join(second, 'temporal'), 'exit 0');
    expect(findOnPath('temporal', `:relative:${first}:${second}`)).toBe(path);
    expect(findOnPath('temporal', first)).toBeNull();
  });

  it('given a site that accepts and never answers, when asked for, then it counts as unreachable in time', async () => {
    const silent = createServer().listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const startedAt = Date.now();
    expect(await isReachable(`http://127.0.0.1:${String((silent.address() as AddressInfo).port)}/`, 300)).toBe(false);
    expect(Date.now() - startedAt).toBeLessThan(3000);
    silent.close();
  });
});

// A stand-in for the Go toolchain, so that builds take a moment: what is tested is how we deal with it.
describe('building a Temporal server', () => {
  let directory = '';
  let bin = '';
  const log = (): string => readFileSync(join(bin, 'log'), 'utf8');
  const environment = (): Record<string, string> => ({ PATH: `${bin}:/usr/bin:/bin`, HOME: scratch });

  beforeEach(() => {
    const place = mkdtempSync(join(scratch, 'build '));
    directory = join(place, 'cache');
    bin = join(place, 'bin');
    mkdirSync(bin);
    executable(
      join(bin, 'go'),
      `echo "$1" >> '${bin}/log'
       case $1 in
       list) echo 'go: downloading example.org/a v1.0.0' >&2; printf 'a\\nb\\nc\\n' ;;
       build) printf 'a\\nb\\n' >&2; sleep 0.5; while [ "$1" != -o ]; do shift; done; printf '#!/bin/sh\\n' > "$2"; chmod +x "$2"; echo c >&2 ;;
       esac`,
    );
  });

  it('given no Go, when built, then the error says what to install and which variables to set', async () => {
    const building = buildServer({ report: () => undefined, env: { PATH: '/nowhere' }, directory });
    await expect(building).rejects.toMatchObject({ code: 'NO_TEMPORAL_SERVER' });
    for (const help of [
      'install Go 1.26.8',
      'TEMPORAL_ADDRESS',
      'PERENNIAL_TEMPORAL_SERVER',
      '`temporal` is on the PATH',
    ]) {
      await expect(building).rejects.toThrow(help);
    }
    expect(existsSync(directory)).toBe(false);
  });

  it('given an empty cache, when built, then progress counts packages, and a second time nothing is built', async () => {
    const said: string[] = [];
    const path = await buildServer({ report: (line) => said.push(line), env: environment(), directory });
    expect(path).toBe(builtServerPath(directory));
    expect(said.join('\n')).toMatch(/Compiling: 3 of 3 packages, 100 %/);
    await buildServer({ report: (line) => said.push(line), env: { PATH: '/nowhere' }, directory });
    expect(log()).toBe('version\nlist\nbuild\n');
    expect(readdirSync(directory)).toHaveLength(1);
  });

  it('given two builds at once, when both are done, then one has built and the other has waited', async () => {
    const said: string[] = [];
    const options = { report: (line: string) => said.push(line), env: environment(), directory };
    const [one, two] = await Promise.all([buildServer(options), buildServer(options)]);
    expect(one).toBe(two);
    expect(
      log()
        .split('\n')
        .filter((line) => line === 'build'),
    ).toHaveLength(1);
    expect(said.join('\n')).toContain('is building the Temporal server; waiting');
  });

  it('given a build that fails, when repeated, then the reason was given and the next can succeed', async () => {
    const good = readFileSync(join(bin, 'go'), 'utf8');
    executable(join(bin, 'go'), '[ "$1" = version ] || { echo "go: module example.org/a: not found" >&2; exit 1; }');
    const building = buildServer({ report: () => undefined, env: environment(), directory });
    await expect(building).rejects.toThrow(/fetching modules, exit 1[^]*example.org\/a: not found[^]*TEMPORAL_ADDRESS/);
    expect(readdirSync(directory)).toEqual([]);
    executable(join(bin, 'go'), good.slice('#!/bin/sh\n'.length));
    await buildServer({ report: () => undefined, env: environment(), directory });
  });

  it('given a build whose process was killed, when built again, then its lock is taken over', async () => {
    mkdirSync(directory);
    const target = builtServerPath(directory);
    writeFileSync(`${target}.lock`, JSON.stringify({ id: 'x', pid: 2 ** 22 + 1, born: '1', host: 'x', since: 'x' }));
    // A lock of another host is respected while it beats; this one has not for a minute.
    utimesSync(`${target}.lock`, Date.now() / 1000 - 60, Date.now() / 1000 - 60);
    expect(await buildServer({ report: () => undefined, env: environment(), directory })).toBe(target);
  });
});

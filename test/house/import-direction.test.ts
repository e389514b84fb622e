import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const PACKAGES = ['zod', 'pg', 'date-fns', 'vitest'];

/** A house in small, where each file breaks or keeps a rule: file → what it imports. */
const HOUSE: Readonly<Record<string, string>> = {
  'billing/money/price.ts': '',
  'billing/money/loose.ts': "import { query } from '../../db/query.ts';",
  'billing/money/clock.ts': "import { readFileSync } from 'node:fs';",
  'billing/money/dates.ts': "import { addMonths } from 'date-fns';",
  'billing/money/parse.ts': "import { z } from 'zod';",
  'billing/catalog/load-catalog.ts': "import { z } from 'zod';",
  'billing/model/load.ts': "import { x } from '../catalog/load-catalog.ts';",
  'billing/model/helpers.ts': '',
  'billing/model/drawer.ts': "import { x } from './helpers.ts';",
  'billing/model/egg.ts': "import type { x } from './hen.ts';",
  'billing/model/hen.ts': "import type { x } from './egg.ts';",
  'db/query.ts': "import { price } from '../billing/money/price.ts'; import pg from 'pg';",
  'db/proud.ts': "import { x } from '../stripe/gateway.ts';",
  'stripe/gateway.ts': "import { price } from '../billing/money/price.ts';",
  'stripe/shortcut.ts': "import { x } from '../stripe-sandbox/server.ts';",
  'stripe-sandbox/server.ts': '',
  'stripe-sandbox/curious.ts': "import { price } from '../billing/money/price.ts';",
  'activities/charge.ts': "import { x } from '../stripe/gateway.ts'; import { y } from '../db/query.ts';",
  'activities/backwards.ts': "import { x } from '../workflows/account.ts';",
  'workflows/account.ts':
    "import type { x } from '../activities/charge.ts'; import { y } from '../billing/money/price.ts';",
  'workflows/eager.ts': "import { x } from '../activities/charge.ts';",
  'workflows/stateful.ts': "import type { x } from '../db/query.ts';",
  'workflows/rich.ts': "import { z } from 'zod';",
  'workers/worker.ts': "import { x } from '../activities/charge.ts'; import { y } from '../workflows/account.ts';",
  'client/client.ts': "import type { x } from '../activities/charge.ts'; import { y } from '../workflows/account.ts';",
  'client/worker.ts': "import { x } from '../workers/worker.ts';",
  'client/tested.ts': "import { it } from 'vitest';",
  'client/lost.ts': "import { x } from './nowhere.ts';",
  'settings/settings.ts': "import { z } from 'zod';",
  'settings/nosy.ts': "import { x } from '../billing/money/price.ts';",
  'stack/start.ts': "import { x } from '../workers/worker.ts'; import { y } from '../stripe-sandbox/server.ts';",
  'stack/proof.ts': "import { x } from '../test/proof.test.ts';",
  'workers/rooted.ts': "import { x } from '../stack/start.ts';",
  'test/proof.test.ts': "import { it } from 'vitest'; import { x } from '../stack/start.ts';",
  'billing/money/upward.ts': "import { x } from '../seats/seats.ts';",
  'billing/seats/seats.ts': "import { price } from '../money/price.ts';",
  'billing/attic/lost.ts': "import { price } from '../money/price.ts';",
  'db/account/rows.ts': "import { query } from '../query.ts';",
  'db/down.ts': "import { x } from './account/rows.ts';",
  'server/routes/shortcut.ts': "import { x } from '../../db/query.ts';",
};

const report = z.object({
  summary: z.object({
    violations: z.array(z.object({ from: z.string(), to: z.string(), rule: z.object({ name: z.string() }) })),
  }),
});

describe('house: imports point one way', () => {
  // A space in the name: the house is checked out anywhere.
  const directory = realpathSync(mkdtempSync(join(tmpdir(), 'a house ')));
  let broken: readonly string[] = [];

  beforeAll(() => {
    const write = (file: string, text: string) => {
      mkdirSync(dirname(join(directory, file)), { recursive: true });
      writeFileSync(join(directory, file), text);
    };
    for (const [file, imports] of Object.entries(HOUSE)) write(file, `${imports}\nexport const x = 1, y = 2;\n`);
    for (const name of PACKAGES) {
      write(`node_modules/${name}/package.json`, JSON.stringify({ name, version: '1.0.0', main: 'index.js' }));
      write(`node_modules/${name}/index.js`, '');
    }
    const [development, production] = [{ vitest: '1.0.0' }, { zod: '1.0.0', pg: '1.0.0', 'date-fns': '1.0.0' }];
    write('package.json', JSON.stringify({ type: 'module', dependencies: production, devDependencies: development }));
    for (const file of ['.dependency-cruiser.cjs', 'tsconfig.json'])
      copyFileSync(join(ROOT, file), join(directory, file));
    const cruiser = join(ROOT, 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs');
    const rooms = [...new Set(Object.keys(HOUSE).map((file) => file.split('/')[0] ?? ''))];
    const cruise = spawnSync(process.execPath, [cruiser, '--output-type', 'json', ...rooms], {
      cwd: directory,
      encoding: 'utf8',
    });
    const { summary } = report.parse(JSON.parse(cruise.stdout));
    broken = summary.violations.map(({ from, to, rule }) => `${from} → ${to}: ${rule.name}`).sort();
  }, 60_000);

  afterAll(() => {
    rmSync(directory, { recursive: true });
  });

  it('given a house in small, when its imports are checked, then every wrong one is named and no right one', () => {
    expect(broken).toEqual([
      'activities/backwards.ts → workflows/account.ts: activities-imports-only-db-stripe-billing',
      'billing/attic/lost.ts → billing/money/price.ts: billing-has-a-layer-for-each-folder',
      'billing/model/drawer.ts → billing/model/helpers.ts: a-file-says-what-it-is-about',
      'billing/model/egg.ts → billing/model/hen.ts: no-cycles',
      'billing/model/load.ts → billing/catalog/load-catalog.ts: catalogs-are-loaded-at-the-border',
      'billing/money/clock.ts → fs: billing-has-no-io',
      'billing/money/loose.ts → db/query.ts: billing-imports-nothing-of-ours',
      'billing/money/parse.ts → node_modules/zod/index.js: billing-has-no-io',
      'billing/money/upward.ts → billing/seats/seats.ts: billing-money-imports-only-what-is-below',
      'client/lost.ts → ./nowhere.ts: resolvable',
      'client/tested.ts → node_modules/vitest/index.js: no-dev-dependencies-at-run-time',
      'client/worker.ts → workers/worker.ts: client-imports-only-workflows-db-stripe-billing-settings-telemetry',
      'db/down.ts → db/account/rows.ts: db-files-imports-only-what-is-below',
      'db/proud.ts → stripe/gateway.ts: db-imports-only-billing',
      'server/routes/shortcut.ts → db/query.ts: server-imports-only-types-of-db',
      'settings/nosy.ts → billing/money/price.ts: settings-imports-nothing-of-ours',
      'stack/proof.ts → test/proof.test.ts: stack-imports-only-server-client-sdk-workers-workflows-activities-db-stripe-billing-settings-telemetry-stripe-sandbox',
      'stripe-sandbox/curious.ts → billing/money/price.ts: stripe-sandbox-imports-nothing-of-ours',
      'stripe/shortcut.ts → stripe-sandbox/server.ts: only-the-stack-starts-the-sandbox',
      'stripe/shortcut.ts → stripe-sandbox/server.ts: stripe-imports-only-billing',
      'workers/rooted.ts → stack/start.ts: workers-imports-only-workflows-activities-db-stripe-billing-settings-telemetry',
      'workflows/eager.ts → activities/charge.ts: workflows-imports-only-types-of-activities',
      'workflows/rich.ts → node_modules/zod/index.js: workflows-have-no-io',
      'workflows/stateful.ts → db/query.ts: workflows-imports-only-billing',
    ]);
  });
});

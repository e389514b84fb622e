// Writes db/schema.sql from a fresh database: `npm run schema`.
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import { openDatabase } from '../../db/database.ts';
import { migrate } from '../../db/migrate.ts';
import { schemaText } from '../../db/schema-text.ts';
import { freePorts } from '../process/ports.ts';
import { startPostgres } from './start-postgres.ts';

const [port = 0] = await freePorts(1);
const postgres = await startPostgres({ keptIn: null, pickPort: () => Promise.resolve(port), logFile: null });
try {
  await migrate(postgres.url);
  const db = openDatabase(postgres.url, 1);
  writeFileSync(fileURLToPath(new URL('../../db/schema.sql', import.meta.url)), await schemaText(db));
  await db.destroy();
} finally {
  await postgres.child.stop();
}

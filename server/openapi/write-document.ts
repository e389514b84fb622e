// Writes docs/openapi.json and docs/errors.md from the code: `npm run openapi`, which makes the client's types from the former.
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import { openApiDocument } from './openapi-document.ts';
import { errorsPage } from './errors-page.ts';

const DOCS = fileURLToPath(new URL('../../docs/', import.meta.url));

writeFileSync(`${DOCS}openapi.json`, `${JSON.stringify(await openApiDocument(), null, 2)}\n`);
writeFileSync(`${DOCS}errors.md`, errorsPage());

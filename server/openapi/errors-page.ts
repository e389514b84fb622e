import { readFileSync } from 'node:fs';

import { parseInstant } from '../../billing/calendar/instant.ts';
import { parseCatalogYaml } from '../../billing/catalog/load-catalog.ts';
import { chargePool } from '../../billing/usage/charge-usage.ts';
import { openMeterCycle } from '../../billing/usage/meter-cycle.ts';
import { Refusal } from '../../billing/refusal.ts';
import { REFUSAL_CODES, type RefusalCode } from '../../billing/refusal-codes.ts';
import { HTTP_CODES, type HttpCode, type ProblemCode, statusOf } from '../schemas/http-codes.ts';
import { problemOf, titleOf } from '../answers/problem.ts';

const CATALOG = 'qodo';

/** Usage beyond a cap, as the API answers it: refused by the rules themselves, so that the page shows what they say. */
function example(): string {
  const file = new URL(`../../catalogs/${CATALOG}.yaml`, import.meta.url);
  const catalog = parseCatalogYaml(readFileSync(file, 'utf8'), `${CATALOG}.yaml`);
  const running = openMeterCycle(
    {
      start: parseInstant('2027-01-01T00:00:00Z'),
      end: parseInstant('2027-02-01T00:00:00Z'),
      meters: { credits: { includedUnits: 2500, priceMinor: 3000, pricePerUnits: 2500 } },
      caps: { credits: 20_000 },
    },
    'credits',
  );
  const { cycle } = chargePool(running, 2500 + 16_600, 'paid', catalog);
  try {
    chargePool(cycle, 200, 'paid', catalog);
  } catch (error) {
    if (error instanceof Refusal) return JSON.stringify(problemOf(error, '0d3a…'), null, 2);
    throw error;
  }
  throw new Error('200 credits fit under the cap of the example');
}

const before =
  (): string => `<!-- Written by \`npm run openapi\` from billing/refusal-codes.ts and server/schemas/http-codes.ts; a test holds it to them. -->

# Errors

Every error has a stable code. Codes are never renamed, and a retired code is never reused. Over HTTP, errors are
\`application/problem+json\`:

\`\`\`json
${example()}
\`\`\`

\`detail\` explains this occurrence of the error, \`solve\` how to resolve it, and \`field\` names the part of the request that caused it, if there is
one. A refused request has changed nothing. Responses of \`POST /v1/usage\` have these codes in the result of each refused event, and responses of
\`POST /v1/access-checks\` in \`refusal\`.
`;

/** docs/errors.md: every code, its status, and how to solve it. */
export function errorsPage(): string {
  const http = (Object.keys(HTTP_CODES) as HttpCode[]).sort();
  const refusals = (Object.keys(REFUSAL_CODES) as RefusalCode[]).sort();
  return [
    before(),
    '## HTTP errors\n',
    table(http, (code) => HTTP_CODES[code].solve),
    '## Refusals\n',
    table(refusals, (code) => REFUSAL_CODES[code]),
  ].join('\n');
}

function table<Code extends ProblemCode>(codes: readonly Code[], solveOf: (code: Code) => string): string {
  const rows = codes.map(
    (code) => `| <a id="${code}"></a>\`${code}\` | ${String(statusOf(code))} | ${titleOf(code)} | ${solveOf(code)} |`,
  );
  return `${['| code | status | meaning | how to resolve |', '|---|---|---|---|', ...rows].join('\n')}\n`;
}

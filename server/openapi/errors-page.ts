import { REFUSAL_CODES, type RefusalCode } from '../../billing/refusal-codes.ts';
import { HTTP_CODES, type HttpCode, type ProblemCode, statusOf } from '../schemas/http-codes.ts';
import { titleOf } from '../answers/problem.ts';

const BEFORE = `<!-- Written by \`npm run openapi\` from billing/refusal-codes.ts and server/schemas/http-codes.ts; a test holds it to them. -->

# Errors

Every "no" has a code that is never renamed, and a code that is retired is never used for something else. Over HTTP it comes as
\`application/problem+json\`:

\`\`\`json
{
  "type": "urn:perennial:problem:spending_cap_reached",
  "title": "Spending cap reached",
  "status": 409,
  "detail": "100 credits more would cost 2400 cents of overage; 1200 are left under the cap.",
  "code": "spending_cap_reached",
  "solve": "Raise the spending cap, or wait for the next cycle.",
  "requestId": "0d3a…"
}
\`\`\`

\`detail\` is the sentence for this case, \`field\` the part of the request that was wrong, if one was. A refusal has changed nothing.
In answers to \`POST /v1/usage\` and \`POST /v1/access-checks\` the same codes stand beside each event, and in \`refusal\`.
`;

/** docs/errors.md: every code, its status, and how to solve it. */
export function errorsPage(): string {
  const http = (Object.keys(HTTP_CODES) as HttpCode[]).sort();
  const refusals = (Object.keys(REFUSAL_CODES) as RefusalCode[]).sort();
  return [
    BEFORE,
    '## Of HTTP itself\n',
    table(http, (code) => HTTP_CODES[code].solve),
    '## Of the rules\n',
    table(refusals, (code) => REFUSAL_CODES[code]),
  ].join('\n');
}

function table<Code extends ProblemCode>(codes: readonly Code[], solveOf: (code: Code) => string): string {
  const rows = codes.map(
    (code) => `| <a id="${code}"></a>\`${code}\` | ${String(statusOf(code))} | ${titleOf(code)} | ${solveOf(code)} |`,
  );
  return `${['| code | status | what it means | how to solve |', '|---|---|---|---|', ...rows].join('\n')}\n`;
}

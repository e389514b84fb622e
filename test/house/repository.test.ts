import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

import { expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

it('given the repository, when its files are listed, then no installed dependency and no link to them is one of them', () => {
  // A committed link would replace the real directory of whoever checks it out.
  const tracked = execFileSync('git', ['ls-files', 'node_modules', '**/node_modules'], { cwd: ROOT, encoding: 'utf8' });
  expect(tracked).toBe('');
});

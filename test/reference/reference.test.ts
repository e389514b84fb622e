import { expect, test } from 'vitest';

import { caseFiles, playCase } from './play-case.ts';

test.each(caseFiles())('INV-3 %s comes out of the reference model as it is written', (file) => {
  expect(playCase(file)).toEqual([]);
});

// Entry point of `npm run build`.
import { buildPages, PagesNotBuilt } from './build-pages.ts';

const report = (line: string): void => {
  process.stderr.write(`${line}\n`);
};
try {
  report(`The pages are in ${await buildPages({ report })}.`);
} catch (error) {
  if (!(error instanceof PagesNotBuilt)) throw error;
  report(error.message);
  process.exitCode = 1;
}

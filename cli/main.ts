import { perennial } from './program.ts';

for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    // `perennial accounts | head -1`: whoever read has seen enough.
    if (error.code === 'EPIPE') process.exit(0);
    throw error;
  });
}

const exitCode = await perennial(process.argv.slice(2), {
  env: process.env,
  print: (text) => process.stdout.write(text),
  printError: (text) => process.stderr.write(text),
  // https://no-color.org
  isColorful: process.stdout.isTTY && (process.env['NO_COLOR'] ?? '') === '',
});

// Pipes are written asynchronously on some systems; what was given up for lateness must not keep the process alive either.
await Promise.all(
  [process.stdout, process.stderr].map((stream) => new Promise((written) => stream.write('', written))),
);
process.exit(exitCode);

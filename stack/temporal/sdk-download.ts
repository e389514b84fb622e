// Entry point of a short-lived process, see download-server.ts: sdk-download.ts DIRECTORY
import { TestWorkflowEnvironment } from '@temporalio/testing';

const [directory] = process.argv.slice(2);
if (directory === undefined) throw new Error('sdk-download.ts needs the directory to download to.');
// The SDK has no call that only downloads: the server is started once, to be found in the directory afterwards.
const environment = await TestWorkflowEnvironment.createLocal({
  server: { executable: { type: 'cached-download', downloadDir: directory, ttl: '365 days' } },
});
await environment.teardown();

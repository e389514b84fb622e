import { afterAll, beforeAll } from 'vitest';

import type { ApiContext } from '../../server/context/api.ts';
import { buildPages } from '../../stack/pages/build-pages.ts';
import { registerStripeWebhook } from '../../stack/register-stripe-webhook.ts';
import { openSecuredApi, type SecuredApi } from '../server/secured-api.ts';
import { type SandboxProcess, startSandbox, TEST_KEY } from '../stripe/sandbox-process.ts';

export interface PagesUnderTest extends SecuredApi {
  readonly sandbox: SandboxProcess;
  /** A link to the pages of an account, as a product would embed it; it opens Billing. */
  portalLink: (accountId: string, role: 'admin' | 'member') => Promise<string>;
}

type PagesOptions = Pick<ApiContext, 'frameOrigins'>;

/** The pages for the tests of a file: call it once, outside of them. `options` are asked for when they are opened. */
export function pagesForTests(options: () => PagesOptions = () => ({})): PagesUnderTest {
  let opened: PagesUnderTest | null = null;
  beforeAll(async () => {
    opened = await openPages(options());
  });
  afterAll(async () => {
    await opened?.close();
  });
  return new Proxy({} as PagesUnderTest, {
    get: (_, name: keyof PagesUnderTest) => {
      if (opened === null) throw new Error('the pages are open while tests run, and not before');
      return opened[name];
    },
  });
}

/** What a browser talks to: the built pages and the API, on an engine and a Stripe sandbox of their own, which tells what happens there. */
async function openPages(options: PagesOptions): Promise<PagesUnderTest> {
  const pagesDirectory = await buildPages({ report: () => undefined });
  const sandbox = await startSandbox();
  const stripe = { apiKey: TEST_KEY, apiBase: sandbox.baseUrl };
  const secrets: string[] = [];
  const api = await openSecuredApi({ pagesDirectory, stripeWebhookSecrets: () => secrets, ...options }, { stripe });
  secrets.push(await registerStripeWebhook(stripe, `${api.url}/webhooks/stripe`));
  return {
    ...api,
    sandbox,
    portalLink: async (accountId, role) => {
      const memberId = role === 'admin' ? 'ada' : 'bob';
      if (role === 'member') await admit(api, accountId, memberId);
      const token = await api.portalToken(accountId, memberId, role);
      return `${api.url}/portal/#token=${token}`;
    },
    close: async () => {
      await api.close();
      await sandbox.stop();
    },
  };
}

/** A link for a member needs one who is there. */
async function admit({ engine: { perennial } }: SecuredApi, accountId: string, memberId: string): Promise<void> {
  const members = await perennial.read.members(accountId, { after: null, count: 100 });
  if (members.some(({ member }) => member === memberId)) return;
  await perennial.execute(accountId, { type: 'admitMember', memberId, login: memberId });
}

import { Anchor, type AnchorProps } from '@mantine/core';
import { Link, useParams } from '@tanstack/react-router';
import type { ReactElement, ReactNode } from 'react';

import { useSession } from '../session/session.ts';

export type AccountPage = 'billing' | 'usage' | 'members' | 'budgets' | 'invoices' | 'activity' | `invoices/${string}`;

/** The account that the address names, if it names one. */
export function useAccountParam(): string | undefined {
  const { account }: { readonly account?: string } = useParams({ strict: false });
  return account;
}

/** The account whose page is shown; in the address of each of them. */
export function useAccountId(): string {
  const account = useAccountParam();
  if (account === undefined) throw new Error('this page is about no account');
  return account;
}

/** Where a page of an account is: customers and operators reach the same pages under different addresses. */
export function useAccountPath(): (page: AccountPage) => string {
  const account = encodeURIComponent(useAccountId());
  const { kind } = useSession();
  return (page) => (kind === 'operator' ? `/operator/accounts/${account}/${page}` : `/portal/${account}/${page}`);
}

interface AccountLinkProps extends AnchorProps {
  readonly page: AccountPage;
  readonly search?: Readonly<Record<string, string>>;
  readonly onClick?: () => void;
  readonly children: ReactNode;
}

export function AccountLink({ page, search, onClick, children, ...anchor }: AccountLinkProps): ReactElement {
  const path = useAccountPath();
  return (
    <Anchor
      {...anchor}
      renderRoot={(props) => (
        <Link
          {...props}
          to={path(page)}
          {...(onClick === undefined ? {} : { onClick })}
          {...(search === undefined ? {} : { search: search as never })}
        />
      )}
    >
      {children}
    </Anchor>
  );
}

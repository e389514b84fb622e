-- Who may call the API, and what was answered to requests that are not commands. Not billing facts: these instants are the wall's.

create table api_keys (
  key_id text primary key, -- the public part of the key, shown everywhere
  -- The first key of a line of rotations: limits and idempotency keys are shared along it.
  family_id text not null,
  name text not null,
  scopes jsonb not null,
  secret_digest bytea not null check (length(secret_digest) = 32), -- SHA-256; the secret itself is nowhere
  created_at timestamptz not null,
  last_used_at timestamptz,
  expires_at timestamptz,
  revoked_at timestamptz,
  rotated_to text unique references api_keys
);

-- What portal tokens are signed with, where no PERENNIAL_SECRET is given. The newest signs, every one verifies until it retires.
create table portal_secrets (
  secret_id text primary key,
  secret bytea not null check (length(secret) = 32),
  created_at timestamptz not null,
  retires_at timestamptz
);
create unique index portal_secrets_one_signs on portal_secrets ((true)) where retires_at is null;

-- Requests with an Idempotency-Key that are not commands (those are in `commands`). Never deleted: a key is one request for good.
create table idempotent_requests (
  owner text not null,
  idempotency_key text not null,
  digest text not null,
  claim_id text not null, -- who acts on it, or acted
  claimed_until timestamptz not null, -- after which whoever acted is taken for dead
  status integer, -- null while somebody acts
  answer text, -- what can be repeated of it: never a secret
  check ((status is null) = (answer is null)),
  primary key (owner, idempotency_key)
);

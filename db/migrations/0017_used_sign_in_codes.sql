-- Codes of sign-in links that somebody has signed in with: each is good once. Not billing facts: these instants are the wall's.
create table used_sign_in_codes (
  code_id text primary key, -- named in the sealed code; who knows it cannot make the code
  ends_at timestamptz not null -- when the code would have ended anyway, and may be forgotten
);

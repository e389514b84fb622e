import { Button, Group, Stack, Textarea, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type ReactElement, useState } from 'react';

import { answered, api } from '../api/client.ts';
import { problemOf } from '../api/problem.ts';
import { Refused } from '../components/refused.tsx';
import { words } from '../words/compare.ts';
import { OPERATOR_KEY } from './queries.ts';

interface OwnCatalogProps {
  readonly side: string;
  readonly onPublished: (catalog: string) => void;
}

/** How the names begin of catalogs that are tried out, unless somebody names theirs otherwise. */
export const TRIED_OUT = 'what-if-';
const NAME_LINE = /^name:.*$/m;

/** A catalog that is tried out: published under a name of its own, so that what is sold stays as it is. */
export function OwnCatalog({ side, onPublished }: OwnCatalogProps): ReactElement {
  const queries = useQueryClient();
  const [yaml, setYaml] = useState('');
  const [name, setName] = useState(`${TRIED_OUT}${side.toLowerCase()}`);
  const publish = useMutation({
    mutationFn: () =>
      answered(
        api.POST('/v1/catalogs', {
          headers: { 'content-type': 'application/yaml', 'idempotency-key': crypto.randomUUID() },
          body: named(yaml, name.trim()),
          bodySerializer: String,
        }),
      ),
    onSuccess: async (published) => {
      await queries.invalidateQueries({ queryKey: OPERATOR_KEY });
      onPublished(published.name);
    },
  });
  return (
    <Stack gap="sm">
      <Textarea
        label={words.yaml}
        description={words.yamlHint}
        value={yaml}
        onChange={(event) => {
          setYaml(event.currentTarget.value);
        }}
        autosize
        minRows={6}
        maxRows={16}
        styles={{ input: { fontFamily: 'var(--mantine-font-family-monospace)', fontSize: 13 } }}
        spellCheck={false}
      />
      <Group align="flex-end">
        <TextInput
          label={words.yamlName}
          value={name}
          onChange={(event) => {
            setName(event.currentTarget.value);
          }}
          flex={1}
        />
        <Button
          variant="light"
          loading={publish.isPending}
          disabled={yaml.trim() === '' || name.trim() === ''}
          onClick={() => {
            publish.mutate();
          }}
        >
          {words.publish}
        </Button>
      </Group>
      <Refused problem={publish.isError ? problemOf(publish.error) : null} />
    </Stack>
  );
}

/** Lines are kept, so that an error names the line that was pasted. */
function named(yaml: string, name: string): string {
  const line = `name: ${JSON.stringify(name)}`;
  return NAME_LINE.test(yaml) ? yaml.replace(NAME_LINE, line) : `${yaml.trimEnd()}\n${line}\n`;
}

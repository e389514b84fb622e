import { builtinModules } from 'node:module';

import js from '@eslint/js';
import { defineConfig, globalIgnores } from 'eslint/config';
import reactHooks from 'eslint-plugin-react-hooks';
import tseslint from 'typescript-eslint';

const NODE_BUILT_INS = builtinModules.filter((name) => !name.startsWith('_')).flatMap((name) => [name, `${name}/*`]);

/** What the sandbox of Temporal's workflows refuses, or what has no place in code that is replayed. */
const NOT_IN_WORKFLOWS = {
  patterns: [
    { group: ['node:*', ...NODE_BUILT_INS], message: 'Workflow code has no Node: move it into an activity.' },
    {
      group: ['zod', 'yaml', 'knex', 'pg', 'stripe', 'pino', 'fastify', '@temporalio/client', '@temporalio/worker'],
      message: 'Workflow code is replayed: parse and do I/O at the border, in an activity or in client/.',
    },
    {
      group: ['**/activities/**', '**/db/**', '**/stripe/**'],
      allowTypeImports: true,
      message: 'A workflow knows its activities by their types only: import type, and proxyActivities.',
    },
  ],
};

/** The rules are told the time; they never look at a clock (CAL-4). `new Date(ms)` is fine. */
const NO_CLOCK = [
  'error',
  {
    selector: "CallExpression[callee.object.name='Date'][callee.property.name='now']",
    message: 'CAL-4: take it as an argument.',
  },
  { selector: "NewExpression[callee.name='Date'][arguments.length=0]", message: 'CAL-4: take it as an argument.' },
  {
    selector: "CallExpression[callee.object.name='Math'][callee.property.name='random']",
    message: 'Rules are deterministic.',
  },
];

export default defineConfig(
  globalIgnores(['node_modules/', 'coverage/', 'dist/', '.perennial/', 'sdk/generated/']),
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  js.configs.recommended,
  {
    files: ['**/*.ts', '**/*.tsx'],
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/consistent-type-exports': 'error',
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      '@typescript-eslint/no-unused-vars': [
        'error',
        {
          argsIgnorePattern: '^_',
          varsIgnorePattern: '^_',
          destructuredArrayIgnorePattern: '^_',
          ignoreRestSiblings: true,
        },
      ],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      eqeqeq: ['error', 'always', { null: 'ignore' }],
      'max-lines': ['error', { max: 450 }],
      'max-lines-per-function': ['error', { max: 70, skipBlankLines: true, skipComments: true }],
      'no-restricted-exports': ['error', { restrictDefaultExports: { direct: true, named: true, defaultFrom: true } }],
    },
  },
  {
    files: ['web/**/*.tsx', 'web/**/*.ts'],
    extends: [reactHooks.configs.flat['recommended-latest']],
  },
  {
    files: ['billing/**/*.ts'],
    rules: { 'no-restricted-syntax': NO_CLOCK },
  },
  {
    files: ['workflows/**/*.ts'],
    rules: { '@typescript-eslint/no-restricted-imports': ['error', NOT_IN_WORKFLOWS] },
  },
  {
    files: ['test/**/*.ts', 'bench/**/*.ts'],
    rules: {
      // A test file is a list of cases, and vitest's asymmetric matchers are typed any.
      'max-lines': 'off',
      'max-lines-per-function': 'off',
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
    },
  },
  {
    files: ['**/*.config.ts'],
    rules: { 'no-restricted-exports': 'off' },
  },
  {
    files: ['**/*.cjs', '**/*.js'],
    languageOptions: { globals: { module: 'writable', require: 'readonly' } },
  },
);

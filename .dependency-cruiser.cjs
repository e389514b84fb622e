/**
 * Imports point one way (CONTRIBUTING.md, "Rooms"): every room, and the rooms it may import. A room that is not named
 * here may be imported by tests only. `types` are rooms of which only types may be imported.
 */
const ROOMS = {
  billing: { values: [] },
  settings: { values: [] },
  telemetry: { values: [] },
  db: { values: ['billing'] },
  stripe: { values: ['billing'] },
  activities: { values: ['db', 'stripe', 'billing'] },
  workflows: { values: ['billing'], types: ['activities'] },
  workers: { values: ['workflows', 'activities', 'db', 'stripe', 'billing', 'settings', 'telemetry'] },
  client: { values: ['workflows', 'db', 'stripe', 'billing', 'settings', 'telemetry'], types: ['activities'] },
  web: { values: [], types: ['client'] },
  tools: {
    values: ['client', 'workers', 'workflows', 'activities', 'db', 'stripe', 'billing', 'settings', 'telemetry'],
  },
  bench: {
    values: [
      'tools',
      'client',
      'workers',
      'workflows',
      'activities',
      'db',
      'stripe',
      'billing',
      'settings',
      'telemetry',
    ],
  },
};
const ALL_ROOMS = [...Object.keys(ROOMS), 'test'];

/** The only files of billing/ that parse YAML; rules and workflows get the catalog as an object. */
const CATALOG_LOADER =
  '^billing/catalog/(load-catalog|catalog-schema|check-catalog|normalize-catalog|yaml-position)\\.ts$';

const roomRules = Object.entries(ROOMS).flatMap(([room, { values, types = [] }]) => {
  const closed = ALL_ROOMS.filter((other) => other !== room && !values.includes(other) && !types.includes(other));
  return [
    {
      name: `${room}-imports-${values.length === 0 ? 'nothing-of-ours' : `only-${values.join('-')}`}`,
      severity: 'error',
      from: { path: `^${room}/` },
      to: { path: `^(${closed.join('|')})/` },
    },
    ...types.map((other) => ({
      name: `${room}-imports-only-types-of-${other}`,
      severity: 'error',
      from: { path: `^${room}/` },
      to: { path: `^${other}/`, dependencyTypesNot: ['type-only'] },
    })),
  ];
});

module.exports = {
  forbidden: [
    ...roomRules,
    {
      name: 'stripe-sandbox-imports-nothing-of-ours',
      comment: 'It stands in for another company: whatever it shared with us, it could not find us wrong about.',
      severity: 'error',
      from: { path: '^stripe/sandbox/' },
      to: { path: `^(${ALL_ROOMS.join('|')})/`, pathNot: '^stripe/sandbox/' },
    },
    {
      name: 'only-tools-start-the-sandbox',
      severity: 'error',
      from: { pathNot: '^(stripe/sandbox|tools|test|bench)/' },
      to: { path: '^stripe/sandbox/' },
    },
    {
      name: 'billing-has-no-io',
      comment: 'The rules take facts and return facts: they can be replayed, and tested without anything running.',
      severity: 'error',
      from: { path: '^billing/', pathNot: CATALOG_LOADER },
      to: {
        dependencyTypes: ['core', 'npm', 'npm-dev', 'npm-no-pkg', 'npm-unknown'],
        pathNot: '^node_modules/(date-fns|@date-fns/utc|currency-codes)/',
      },
    },
    {
      name: 'catalog-loader-has-no-io',
      comment: 'It is given a text: who reads the file decides where it comes from.',
      severity: 'error',
      from: { path: CATALOG_LOADER },
      to: {
        dependencyTypes: ['core', 'npm', 'npm-dev', 'npm-no-pkg', 'npm-unknown'],
        pathNot: '^node_modules/(zod|yaml)/',
      },
    },
    {
      name: 'catalogs-are-loaded-at-the-border',
      comment: 'zod and yaml must not get into the workflow bundle.',
      severity: 'error',
      from: { path: '^(billing|workflows)/', pathNot: CATALOG_LOADER },
      to: { path: CATALOG_LOADER },
    },
    {
      name: 'workflows-have-no-io',
      severity: 'error',
      from: { path: '^workflows/' },
      to: {
        dependencyTypes: ['core', 'npm', 'npm-dev', 'npm-no-pkg', 'npm-unknown'],
        pathNot: '^node_modules/(@temporalio/(workflow|common)|date-fns|@date-fns/utc)/',
      },
    },
    {
      name: 'no-cycles',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'a-file-says-what-it-is-about',
      comment: 'No drawer for everything, no barrel.',
      severity: 'error',
      from: {},
      to: {
        path: '(^|/)(utils?|helpers?|common|manager|types|service|index)\\.tsx?$',
        pathNot: '^node_modules/',
      },
    },
    {
      name: 'resolvable',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
    {
      name: 'declared-in-package-json',
      severity: 'error',
      from: {},
      to: { dependencyTypes: ['npm-no-pkg', 'npm-unknown'] },
    },
    {
      name: 'no-dev-dependencies-at-run-time',
      comment: 'A browser is for tests and screenshots only.',
      severity: 'error',
      from: {
        path: '^(billing|settings|db|stripe|activities|workflows|workers|client|tools)/',
        pathNot: '^tools/(browser|screens)/',
      },
      to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only'], pathNot: '^node_modules/@types/' },
    },
  ],
  options: {
    doNotFollow: { path: '(^|/)node_modules/' },
    exclude: { path: '(^|/)(\\.perennial|coverage|dist)/' },
    tsConfig: { fileName: 'tsconfig.json' },
    // 'specify' keeps `import type` in the picture and tells it apart.
    tsPreCompilationDeps: 'specify',
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
      mainFields: ['module', 'main', 'types'],
    },
  },
};

/**
 * Imports point one way (CONTRIBUTING.md, "Rooms"): every room, and the rooms it may import. A room that is not named
 * here may be imported by tests only. `types` are rooms of which only types may be imported.
 */
const ENGINE = ['workflows', 'activities', 'db', 'stripe', 'billing'];
const PROGRAMS = ['server', 'client', 'sdk', 'workers', ...ENGINE, 'settings', 'telemetry'];
const ROOMS = {
  billing: { values: [] },
  settings: { values: [] },
  telemetry: { values: [] },
  sdk: { values: [] },
  'stripe-sandbox': { values: [] },
  db: { values: ['billing'] },
  stripe: { values: ['billing'] },
  activities: { values: ['db', 'stripe', 'billing'] },
  workflows: { values: ['billing'], types: ['activities'] },
  workers: { values: [...ENGINE, 'settings', 'telemetry'] },
  client: { values: ['workflows', 'db', 'stripe', 'billing', 'settings', 'telemetry'], types: ['activities'] },
  server: { values: ['client', 'stripe', 'billing', 'settings', 'telemetry'], types: ['db'] },
  cli: { values: ['client', 'billing', 'settings'], types: ['db'] },
  web: { values: [], types: ['sdk'] },
  stack: { values: [...PROGRAMS, 'stripe-sandbox'] },
  simulate: { values: ['stack', 'client', 'sdk', 'workers', 'db', 'billing', 'settings'] },
  screens: { values: ['stack', 'sdk', 'settings'] },
  bench: { values: ['stack', 'simulate', ...PROGRAMS] },
};
const ALL_ROOMS = [...Object.keys(ROOMS), 'test'];

/** Folders of a room, from the bottom up: each imports only those before it. `.` are the files beside the folders. */
const LAYERS = {
  billing: [
    '.',
    'calendar',
    'money',
    'catalog',
    'model',
    'schedule',
    'usage',
    'invoicing',
    'reconciliation',
    'notices',
    'seats',
    'subscription',
    'dunning',
    'commands',
    'views',
  ],
  db: ['.', 'access', 'account', 'outbox', 'usage', 'stripe', 'reconciliation'],
  workflows: ['account', 'batching', 'catalog-migration', 'reconciliation', '.'],
  workers: ['polling', 'outgoing', '.'],
  client: ['context', 'credentials', 'commands', 'usage', 'holds', 'queries', 'access', 'operations', '.'],
  server: ['schemas', 'answers', 'limits', 'auth', 'pdf', 'context', 'pages', 'routes', '.', 'openapi'],
  cli: ['output', 'context', 'commands', '.'],
  stack: ['process', 'postgres', 'temporal', 'browser', 'pages', 'demo', '.'],
  web: [
    'format',
    'words',
    'api',
    'session',
    'components',
    'usage',
    'activity',
    'members',
    'budgets',
    'billing',
    'invoices',
    'operator',
    'portal',
    'app',
    '.',
  ],
};

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

const pathOf = (room, folder) => (folder === '.' ? `^${room}/[^/]+$` : `^${room}/${folder}/`);
const layerRules = Object.entries(LAYERS).flatMap(([room, folders]) =>
  folders.slice(0, -1).map((folder, index) => ({
    name: `${room}-${folder === '.' ? 'files' : folder}-imports-only-what-is-below`,
    severity: 'error',
    from: { path: pathOf(room, folder) },
    to: { path: folders.slice(index + 1).map((other) => pathOf(room, other)) },
  })),
);
/** A folder that nobody has put in its layer is not checked, so there may be none. */
const unplacedRules = Object.entries(LAYERS).map(([room, folders]) => ({
  name: `${room}-has-a-layer-for-each-folder`,
  severity: 'error',
  from: { path: `^${room}/[^/]+/`, pathNot: folders.map((folder) => pathOf(room, folder)) },
  to: {},
}));

module.exports = {
  forbidden: [
    ...roomRules,
    ...layerRules,
    ...unplacedRules,
    {
      name: 'stripe-sandbox-imports-nothing-of-ours',
      comment: 'It stands in for another company: whatever it shared with us, it could not find us wrong about.',
      severity: 'error',
      from: { path: '^stripe-sandbox/' },
      to: { path: `^(${ALL_ROOMS.join('|')})/`, pathNot: '^stripe-sandbox/' },
    },
    {
      name: 'only-the-stack-starts-the-sandbox',
      severity: 'error',
      from: { pathNot: '^(stripe-sandbox|stack|test|bench)/' },
      to: { path: '^stripe-sandbox/' },
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
        path: `^(${Object.keys(ROOMS)
          .filter((room) => !['bench', 'screens'].includes(room))
          .join('|')})/`,
        pathNot: '^(stack/browser|web)/',
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

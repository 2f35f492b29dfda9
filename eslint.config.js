import js from '@eslint/js';
import importX from 'eslint-plugin-import-x';
import tseslint from 'typescript-eslint';

/** Folders that may not import each other; the table of docs/architecture.md as lint rules. */
const zones = [
  {
    target: './api',
    from: './operator',
    message: 'The custom resources are the only contract between api and operator.',
  },
  {
    target: './operator',
    from: './api',
    message: 'The custom resources are the only contract between api and operator.',
  },
  {
    target: './lib',
    from: ['./crds', './api', './operator', './dev', './test', './bench'],
    message: 'lib knows nothing of the product.',
  },
  {
    target: './crds',
    from: ['./api', './operator', './dev', './test', './bench'],
    message: 'crds imports only lib and npm packages.',
  },
  {
    target: './migrations',
    from: ['./api', './operator', './dev', './test', './bench'],
    message: 'Migrations never change with the code.',
  },
  {
    target: './api',
    from: ['./dev', './test', './bench'],
    message: 'Product code never imports development code.',
  },
  {
    target: './operator',
    from: ['./dev', './test', './bench'],
    message: 'Product code never imports development code.',
  },
  {
    target: './operator/runner',
    from: ['./operator', './lib/kube', './crds', './api'],
    except: ['./runner', './terraform'],
    message: 'The runner knows the run API and Terraform, never Kubernetes.',
  },
];

/** Modules that do I/O, and so stay out of the pure rooms. */
const ioModules = ['knex', 'objection', 'pg', 'execa', 'undici', 'koa'].flatMap((name) => [
  { name, message: 'This room is pure: no I/O.' },
]);
const ioPatterns = [
  {
    group: [
      'node:fs',
      'node:fs/*',
      'node:http',
      'node:https',
      'node:net',
      'node:tls',
      'node:child_process',
      '**/lib/logger.ts',
      '**/lib/clock.ts',
    ],
    message: 'This room is pure: no I/O.',
    allowTypeImports: true,
  },
  {
    group: ['@kubernetes/client-node', '**/lib/kube/*'],
    message: 'This room is pure: types of the Kubernetes client only.',
    allowTypeImports: true,
  },
];

export default tseslint.config(
  { ignores: ['node_modules', 'dist', '.local'] },
  js.configs.recommended,
  ...tseslint.configs.strictTypeChecked,
  {
    languageOptions: {
      parserOptions: {
        projectService: { allowDefaultProject: ['eslint.config.js'] },
        tsconfigRootDir: import.meta.dirname,
      },
    },
    plugins: { 'import-x': importX },
    settings: { 'import-x/extensions': ['.ts', '.js'] },
    rules: {
      'import-x/no-restricted-paths': ['error', { zones }],
      'import-x/no-default-export': 'error',
      'no-console': 'error',
      eqeqeq: 'error',
      curly: ['error', 'multi-line'],
      complexity: ['error', 10],
      'max-depth': ['error', 3],
      'max-params': ['error', 4],
      'max-statements': ['error', 20],
      'no-restricted-syntax': [
        'error',
        {
          selector: "MemberExpression[object.name='process'][property.name='env']",
          message: 'Only config.ts and main.ts read the environment.',
        },
      ],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-deprecated': [
        'error',
        {
          // Marked only to stand out; the settings let it be used for loopback addresses alone.
          allow: [{ from: 'package', name: 'allowInsecureRequests', package: 'openid-client' }],
        },
      ],
      '@typescript-eslint/explicit-module-boundary-types': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
      '@typescript-eslint/only-throw-error': 'error',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/no-unnecessary-condition': [
        'error',
        { allowConstantLoopConditions: 'only-allowed-literals' },
      ],
      '@typescript-eslint/no-extraneous-class': 'off',
      // Misreads classes that a package declares by interface and constructor.
      '@typescript-eslint/no-unsafe-class-instance-assignment': 'off',
    },
  },
  {
    files: [
      '**/config.ts',
      '**/main.ts',
      'lib/env.ts',
      'catalog/**',
      'dev/**',
      'test/**',
      'bench/**',
      '.ci/**',
    ],
    rules: { 'no-restricted-syntax': 'off' },
  },
  { files: ['dev/**', 'test/**', 'bench/**'], rules: { 'no-console': 'off' } },
  {
    files: ['eslint.config.js', 'migrations/**', '**/*.d.ts'],
    rules: { 'import-x/no-default-export': 'off' },
  },
  {
    files: ['api/routes/**'],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          paths: [
            { name: 'knex', message: 'Routes never talk to the database driver.' },
            { name: 'pg', message: 'Routes never talk to the database driver.' },
          ],
        },
      ],
    },
  },
  {
    files: [
      'api/policies/**',
      'api/presenters/**',
      'operator/terraform/**',
      'operator/credentials/**',
      'operator/**/decide*.ts',
      'operator/**/status*.ts',
      'operator/**/names.ts',
    ],
    rules: {
      '@typescript-eslint/no-restricted-imports': [
        'error',
        { paths: ioModules, patterns: ioPatterns },
      ],
      'no-restricted-properties': [
        'error',
        { object: 'Date', property: 'now', message: 'This room is pure: the time is passed in.' },
      ],
    },
  },
  {
    files: ['test/**'],
    rules: {
      '@typescript-eslint/no-unused-expressions': 'off',
      'max-statements': 'off',
      'max-params': 'off',
      '@typescript-eslint/no-non-null-assertion': 'off',
    },
  },
  { files: ['bin/**'], languageOptions: { globals: { process: 'readonly' } } },
  {
    files: ['**/*.js'],
    extends: [tseslint.configs.disableTypeChecked],
    rules: { '@typescript-eslint/explicit-module-boundary-types': 'off' },
  },
);

import { describeSettings, type DescribedSetting } from './describe-settings.ts';

/** What a value that has no default looks like. */
const EXAMPLES: Readonly<Record<string, string>> = {
  DATABASE_URL: 'postgres://quartermaster_app:…@127.0.0.1:5432/quartermaster',
  SYSTEM_DATABASE_URL: 'postgres://quartermaster_system:…@127.0.0.1:5432/quartermaster',
  RUN_API_URL: 'https://quartermaster-operator.quartermaster-system:8443',
};

const HEAD = `# Every setting of the programs, made from their source by \`npm run chart:readme\`.
# A commented line shows the default, or nothing where there is none. Each can also come from a file:
# NAME_FILE=/path/of/a/file, for secrets above all; setting both is an error.
`;

/**
 * The text of .env.example: every setting with what it is for; only those without which a program
 * does not start are not commented out.
 *
 * @param sources text of the config.ts of each program, by its name
 */
export function buildEnvExample(sources: Readonly<Record<string, string>>): string {
  const parts = Object.entries(sources).map(([program, source]) => {
    const settings = describeSettings(source).map(describe);
    return `\n## ${program}\n\n${settings.join('\n\n')}\n`;
  });
  return `${HEAD}${parts.join('')}`;
}

function describe({ name, defaultText, isRequired, description }: DescribedSetting): string {
  const value = EXAMPLES[name] ?? defaultText;
  return `# ${description}\n${isRequired ? '' : '# '}${name}=${value}`;
}

import { format } from 'prettier';
import { describeSettings } from './describe-settings.ts';

const BEGIN = '<!-- settings: made from the programs by `npm run chart:readme` -->';
const END = '<!-- end of settings -->';

/** The configurations of the two programs, as their source says. */
export interface ConfigurationSources {
  api: string;
  operator: string;
}

/**
 * docs/configure.md with the tables of all variables as they are now.
 *
 * @throws {TypeError} when the page has no place for them
 */
export async function buildConfigurePage(
  page: string,
  sources: ConfigurationSources,
): Promise<string> {
  const [before, rest] = page.split(BEGIN);
  const after = rest?.split(END)[1];
  if (before === undefined || after === undefined) throw new TypeError(`no ${BEGIN} on the page`);
  const tables = [
    '## The api',
    buildTable(sources.api),
    '## The operator',
    buildTable(sources.operator),
  ];
  const text = `${before}${BEGIN}\n\n${tables.join('\n\n')}\n\n${END}${after}`;
  return format(text, { parser: 'markdown', printWidth: 100, singleQuote: true });
}

function buildTable(source: string): string {
  const rows = describeSettings(source).map((setting) => {
    const fallback = setting.isRequired ? 'required' : code(setting.defaultText);
    const cells = [code(setting.name), fallback, setting.description];
    return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  });
  return ['| variable | default | what |', '| --- | --- | --- |', ...rows].join('\n');
}

function code(text: string): string {
  return text === '' ? '' : `\`${text}\``;
}

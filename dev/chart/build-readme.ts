import { format } from 'prettier';
import { describeValues } from './describe-values.ts';

const BEGIN = '<!-- values: made from values.yaml by `npm run chart:readme` -->';
const END = '<!-- end of values -->';

/**
 * The README of the chart with the table of its values as they are now.
 *
 * @param readme the README as it is
 * @param values the text of values.yaml
 * @throws {TypeError} when the README has no place for the table
 */
export async function buildReadme(readme: string, values: string): Promise<string> {
  const [before, rest] = readme.split(BEGIN);
  const after = rest?.split(END)[1];
  if (before === undefined || after === undefined) throw new TypeError(`no ${BEGIN} in the README`);
  const text = `${before}${BEGIN}\n\n${buildTable(values)}\n\n${END}${after}`;
  return format(text, { parser: 'markdown', printWidth: 100, singleQuote: true });
}

function buildTable(values: string): string {
  const rows = describeValues(values).map(({ name, defaultText, description }) => {
    const cells = [code(name), code(defaultText), description];
    return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  });
  return ['| name | default | what |', '| --- | --- | --- |', ...rows].join('\n');
}

function code(text: string): string {
  return text === '' ? '' : `\`${text}\``;
}

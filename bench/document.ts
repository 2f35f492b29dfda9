import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus, loadavg, totalmem } from 'node:os';
import path from 'node:path';
import { z } from 'zod';
import { checkoutDirectory } from '../dev/paths.ts';

/** Where the figures stand. */
export const documentFile = path.join(checkoutDirectory, 'docs', 'performance.md');

/** One figure. */
export interface Figure {
  readonly what: string;
  readonly measured: number;
  readonly unit: '/s' | ' ms' | ' s' | ' MB' | '';
  /** Rates must reach it, everything else must not pass it; undefined where there is none. */
  readonly goal?: number | undefined;
}

/** What one part of the bench has to say. */
export interface Section {
  readonly title: string;
  readonly figures: readonly Figure[];
  /** With what it was measured, and what else is worth knowing. */
  readonly notes: readonly string[];
}

/** The order of the sections. */
const TITLES = [
  'Api',
  'Approvals',
  'One request',
  'Many requests',
  'Requests at rest',
  'Calls',
  'Starts',
];

const PREFACE = [
  '# Performance',
  '',
  'Written by `npm run bench`; figures as measured, by the machine described with them. One part of it',
  'is measured again with `npm run bench -- PART`; `npm run bench -- --help` names the parts.',
].join('\n');

/**
 * Puts a section into docs/performance.md in place of the one of the same title.
 *
 * @returns its text
 */
export function writeSection(section: Section, file = documentFile): string {
  const text = formatSection(section);
  const known = splitSections(existsSync(file) ? readFileSync(file, 'utf8') : '');
  known.set(section.title, text);
  const sections = TITLES.flatMap((title) => known.get(title) ?? []);
  writeFileSync(file, `${[PREFACE, ...sections].join('\n\n')}\n`);
  return text;
}

/** The lines about the machine, which every section ends with. */
export function describeMachine(loadBefore: number): string[] {
  const memory = Math.round(totalmem() / 1024 ** 3);
  const model = cpus()[0]?.model.trim() ?? 'unknown';
  return [
    `Machine: ${availableParallelism()} cores (${model}), ${memory} GiB of memory, shared by everything that takes part.`,
    `Load average of the machine just before: ${loadBefore.toFixed(1)}; other work on it makes every figure worse.`,
    `Quartermaster ${productVersion()}, Node ${process.versions.node}.`,
  ];
}

/** Load average of the last minute. */
export function readLoad(): number {
  return loadavg()[0] ?? Number.NaN;
}

/** The text of a section: a table of its figures, those that miss their goal named as such. */
export function formatSection({ title, figures, notes }: Section): string {
  return [
    `## ${title}`,
    '',
    '| what | measured | goal | |',
    '| --- | --- | --- | --- |',
    ...figures.map(formatFigure),
    '',
    ...notes.map((note) => `- ${note}`),
  ].join('\n');
}

/** The sections of a document by their titles. */
export function splitSections(text: string): Map<string, string> {
  const parts = text.split(/^(?=## )/m).filter((part) => part.startsWith('## '));
  return new Map(parts.map((part) => [/^## (.*)$/m.exec(part)?.[1] ?? '', part.trimEnd()]));
}

function formatFigure({ what, measured, unit, goal }: Figure): string {
  const shown = measured < 10 && unit !== '' ? measured.toFixed(2) : measured.toFixed(0);
  if (goal === undefined) return `| ${what} | ${shown}${unit} | | |`;
  const isRate = unit === '/s';
  const isReached = isRate ? measured >= goal : measured <= goal;
  const bound = `${isRate ? '≥' : '≤'} ${goal}${unit}`;
  return `| ${what} | ${shown}${unit} | ${bound} | ${isReached ? 'reached' : '**missed**'} |`;
}

function productVersion(): string {
  const text = readFileSync(path.join(checkoutDirectory, 'package.json'), 'utf8');
  return z.object({ version: z.string() }).parse(JSON.parse(text)).version;
}

// Writes docs/sql/functions-*.md from the functions' descriptors and their examples:   node scripts/write-sql-docs.ts
import { writeFileSync } from 'node:fs';
import { describeFunctions, type FunctionDescription } from '../src/sql/functions/describe.ts';
import { ROWS_EXAMPLES } from '../src/sql/functions/rows.examples.ts';
import { SCALAR_EXAMPLES } from '../src/sql/functions/scalar.examples.ts';

const FOLDER = 'docs/sql';

/** A page holds the functions of some categories. */
interface Family {
  readonly file: string;
  readonly title: string;
  readonly intro: string;
  readonly categories: readonly string[];
}

const FAMILIES: readonly Family[] = [
  {
    file: 'functions-aggregate.md',
    title: 'Aggregates',
    intro: 'One value from many rows: in SELECT and HAVING of a query with GROUP BY.',
    categories: ['AGGREGATE'],
  },
  {
    file: 'functions-table.md',
    title: 'Table functions',
    intro: 'Several rows from one: in SELECT of a query over a stream.',
    categories: ['TABLE'],
  },
  {
    file: 'functions-collections.md',
    title: 'Arrays and maps',
    intro: 'Positions count from 1; a null array or map gives null unless a function says otherwise.',
    categories: ['ARRAY', 'MAP', 'LAMBDA'],
  },
  {
    file: 'functions-text.md',
    title: 'Text and bytes',
    intro: 'Regular expressions are those of Java. BYTES are shown in base64.',
    categories: ['STRING', 'REGULAR EXPRESSION', 'BYTES', 'URL', 'JSON'],
  },
  {
    file: 'functions-numbers.md',
    title: 'Numbers',
    intro: 'What has no result, such as the root of a negative number, is NaN as in Java.',
    categories: ['MATHEMATICAL'],
  },
  {
    file: 'functions-time.md',
    title: 'Date and time',
    intro:
      "Patterns are those of Java's `DateTimeFormatter`, in PARSE_DATE those of `SimpleDateFormat`, which reads leniently: 31 June\nis 1 July there, elsewhere the last of June. TIMESTAMP has no zone and counts as UTC. In the examples it is 1970-01-01T00:16:40.",
    categories: ['DATE / TIME'],
  },
  {
    file: 'functions-other.md',
    title: 'Conditions and others',
    intro: 'Arguments of different types are brought to a common one.',
    categories: ['CONDITIONAL', 'OTHER'],
  },
];

/** Every page by its path, and the functions that no page has. */
export function sqlDocs(): {
  readonly pages: ReadonlyMap<string, string>;
  readonly homeless: readonly string[];
} {
  const functions = describeFunctions();
  const pages = FAMILIES.map((family) => [`${FOLDER}/${family.file}`, page(family, functions)] as const);
  const known = new Set(FAMILIES.flatMap(({ categories }) => categories));
  const homeless = functions.filter(({ category }) => !known.has(category)).map(({ name }) => name);
  return { pages: new Map(pages), homeless };
}

/** The function that an example is of. */
export function functionOf(call: string): string {
  return call.slice(0, call.indexOf('(')).toUpperCase();
}

function page({ title, intro, categories }: Family, functions: readonly FunctionDescription[]): string {
  const mine = functions.filter(({ category }) => categories.includes(category));
  return `${[
    `# ${title}`,
    '<!-- Written by scripts/write-sql-docs.ts from src/sql/functions; do not edit. test/sql-docs.test.ts runs the examples. -->',
    intro,
    '',
    mine.map(({ name }) => `[${name}](#${name.toLowerCase()})`).join(' · '),
    ...mine.flatMap(section),
  ].join('\n')}\n`;
}

function section(described: FunctionDescription): string[] {
  const { name, description } = described;
  const scalars = SCALAR_EXAMPLES.filter(([expression]) => functionOf(expression) === name);
  const rows = ROWS_EXAMPLES.filter(({ call }) => functionOf(call) === name);
  return [
    '',
    `## ${name}`,
    description,
    '',
    ...signatures(described),
    ...fenced(scalars.map(([expression, value]) => `${expression}  →  ${value}`)),
    ...(rows.length === 0 ? [] : ['| rows | | gives |', '|---|---|---|', ...rows.map(rowsLine)]),
  ];
}

function signatures({ name, variants }: FunctionDescription): string[] {
  if (variants.length === 0) return [];
  return variants
    .map(({ arguments: parameters, returnType }) => {
      const types = parameters.map(({ type, isVariadic }) => `${type}${isVariadic ? '...' : ''}`);
      return `- \`${name}(${types.join(', ')})\` → \`${returnType}\``;
    })
    .concat('');
}

function fenced(lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : ['```', ...lines, '```'];
}

function rowsLine({ call, columns, rows, gives }: (typeof ROWS_EXAMPLES)[number]): string {
  const cell = (text: string) => `\`${text.replaceAll('|', '\\|')}\``;
  return `| ${columns}: ${rows.map((row) => cell(row)).join(', ')} | ${cell(call)} | ${gives.map(cell).join(', ')} |`;
}

if (import.meta.main) for (const [file, text] of sqlDocs().pages) writeFileSync(file, text);

export interface RowsExample {
  readonly call: string;
  /** Names and types, as CREATE STREAM takes them. */
  readonly columns: string;
  /** Each row's values, as VALUES takes them. */
  readonly rows: readonly string[];
  /** Of an aggregate its value over all rows, of a table function its rows. */
  readonly gives: readonly string[];
}

/** `columns`, rows and results as one line each: `['SUM(n)', 'n INT', ['1', '2'], ['3']]`. */
type Line = readonly [call: string, columns: string, rows: readonly string[], gives: readonly string[]];

const LINES: readonly Line[] = [
  ['COUNT(*)', 'n INT', ['1', 'NULL', '3'], ['3']],
  ['COUNT(n)', 'n INT', ['1', 'NULL', '3'], ['2']],
  ['COUNT_DISTINCT(town)', 'town VARCHAR', ["'Bern'", "'Basel'", "'Bern'"], ['2']],
  ['SUM(n)', 'n INT', ['1', 'NULL', '3'], ['4']],
  ['AVG(n)', 'n INT', ['1', '2', '6'], ['3.0']],
  ['MIN(n)', 'n INT', ['4', '2', 'NULL'], ['2']],
  ['MAX(town)', 'town VARCHAR', ["'Bern'", "'Chur'", "'Basel'"], ['Chur']],
  ['COLLECT_LIST(n)', 'n INT', ['3', '1', '3'], ['[3, 1, 3]']],
  ['COLLECT_SET(n)', 'n INT', ['3', '1', '3'], ['[3, 1]']],
  ['EARLIEST_BY_OFFSET(n)', 'n INT', ['NULL', '5', '7'], ['5']],
  ['EARLIEST_BY_OFFSET(n, 2)', 'n INT', ['5', '7', '9'], ['[5, 7]']],
  ['LATEST_BY_OFFSET(n)', 'n INT', ['5', '7', 'NULL'], ['7']],
  ['LATEST_BY_OFFSET(n, FALSE)', 'n INT', ['5', '7', 'NULL'], ['null']],
  ['TOPK(n, 2)', 'n INT', ['4', '9', '9', '1'], ['[9, 9]']],
  [
    'TOPK(points, name, 1)',
    'points INT, name VARCHAR',
    ["4, 'ann'", "9, 'bob'"],
    ['[Struct{sort_col=9,col0=bob}]'],
  ],
  ['TOPKDISTINCT(n, 2)', 'n INT', ['4', '9', '9', '1'], ['[9, 4]']],
  ['HISTOGRAM(town)', 'town VARCHAR', ["'Bern'", "'Basel'", "'Bern'"], ['{Bern=2, Basel=1}']],
  ['SUM_LIST(numbers)', 'numbers ARRAY<INT>', ['ARRAY[1, 2]', 'ARRAY[3, NULL]'], ['6']],
  ['STDDEV_SAMP(n)', 'n INT', ['2', '4', '6'], ['4.0']],
  ['STDDEV_SAMPLE(n)', 'n INT', ['2', '4', '6'], ['2.0']],
  ['CORRELATION(x, y)', 'x DOUBLE, y DOUBLE', ['1, 2', '2, 4', '3, 6'], ['1.0']],
  ['ATTR(town)', 'town VARCHAR', ["'Bern'", "'Bern'"], ['Bern']],
  ['ATTR(town)', 'town VARCHAR', ["'Bern'", "'Basel'"], ['null']],
  [
    'EXPLODE(tags)',
    'tags ARRAY<VARCHAR>',
    ["ARRAY['hot', 'green']", "ARRAY['dark']"],
    ['hot', 'green', 'dark'],
  ],
  [
    'CUBE_EXPLODE(tags)',
    'tags ARRAY<VARCHAR>',
    ["ARRAY['hot', 'green']"],
    ['[null, null]', '[null, green]', '[hot, null]', '[hot, green]'],
  ],
];

/** What docs/sql/functions-*.md show of aggregates and table functions. */
export const ROWS_EXAMPLES: readonly RowsExample[] = LINES.map(([call, columns, rows, gives]) => ({
  call,
  columns,
  rows,
  gives,
}));

/** What happens to a cell that is too long for its column. */
export type Cut = 'wrap' | 'clip';

/** Rows in a box; numbers stand to the right. A width of 0 is that of the longest cell. */
export function textTable(
  header: readonly string[],
  rows: readonly (readonly unknown[])[],
  { width = 0, cut = 'clip' }: { readonly width?: number; readonly cut?: Cut } = {},
): string {
  const cells = rows.map((row) => header.map((_, i) => cellText(row[i])));
  const widths = header.map(
    (title, i) => width || Math.max(displayWidth(title), ...cells.map((row) => displayWidth(row[i]!))),
  );
  const numeric = header.map((_, i) => rows.length > 0 && rows.every((row) => isNumber(row[i])));
  const table = new BoxWriter(widths, numeric, cut);
  return [
    table.top(),
    table.row(header),
    table.middle(),
    ...cells.map((row) => table.row(row)),
    table.bottom(),
  ].join('\n');
}

/** The lines of a box whose column widths are known before its rows; longer cells are cut or go on below. */
export class BoxWriter {
  readonly #widths: readonly number[];
  readonly #numeric: readonly boolean[];
  readonly #cut: Cut;

  constructor(widths: readonly number[], numeric: readonly boolean[] = [], cut: Cut = 'clip') {
    this.#widths = widths;
    this.#numeric = numeric;
    this.#cut = cut;
  }

  top(): string {
    return this.#rule('┌', '┬', '┐');
  }

  middle(): string {
    return this.#rule('├', '┼', '┤');
  }

  bottom(): string {
    return this.#rule('└', '┴', '┘');
  }

  row(cells: readonly string[]): string {
    if (this.#cut === 'clip') return this.#line(cells);
    const parts = this.#widths.map((width, i) => wrapped(cells[i] ?? '', width));
    const height = Math.max(1, ...parts.map(({ length }) => length));
    return Array.from({ length: height }, (_, at) => this.#line(parts.map((lines) => lines[at] ?? ''))).join(
      '\n',
    );
  }

  #line(cells: readonly string[]): string {
    const padded = this.#widths.map(
      (width, i) => ` ${fit(cells[i] ?? '', width, this.#numeric[i] ?? false)} `,
    );
    return `│${padded.join('│')}│`;
  }

  #rule(left: string, cross: string, right: string): string {
    return left + this.#widths.map((width) => '─'.repeat(width + 2)).join(cross) + right;
  }
}

export function cellText(value: unknown): string {
  if (value === null || value === undefined) return 'null';
  const text = typeof value === 'object' ? JSON.stringify(value) : String(value);
  return text.replaceAll(/[\r\n\t]+/g, ' ');
}

function fit(text: string, width: number, right: boolean): string {
  let shown = text;
  if (displayWidth(shown) > width) {
    shown = '';
    for (const character of text) {
      if (displayWidth(shown) + displayWidth(character) > width - 1) break;
      shown += character;
    }
    shown += '…';
  }
  const padding = ' '.repeat(Math.max(0, width - displayWidth(shown)));
  return right ? padding + shown : shown + padding;
}

function wrapped(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  let used = 0;
  for (const character of text) {
    const needed = displayWidth(character);
    if (used + needed > width && line !== '') {
      lines.push(line);
      line = '';
      used = 0;
    }
    line += character;
    used += needed;
  }
  return [...lines, line];
}

const WIDE =
  /\p{Extended_Pictographic}|[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe4f\uff00-\uff60]/u;

/** Columns on a terminal: East Asian characters and emoji take two, combining marks none. */
export function displayWidth(text: string): number {
  let width = 0;
  for (const character of text) {
    if (/\p{Mark}/u.test(character)) continue;
    width += WIDE.test(character) ? 2 : 1;
  }
  return width;
}

function isNumber(value: unknown): boolean {
  return value === null || typeof value === 'number' || typeof value === 'bigint';
}

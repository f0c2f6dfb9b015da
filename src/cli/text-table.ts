/** Rows in a box; numbers stand to the right. */
export function textTable(header: readonly string[], rows: readonly (readonly unknown[])[]): string {
  const cells = rows.map((row) => header.map((_, i) => cellText(row[i])));
  const widths = header.map((title, i) =>
    Math.max(displayWidth(title), ...cells.map((row) => displayWidth(row[i]!))),
  );
  const numeric = header.map((_, i) => rows.length > 0 && rows.every((row) => isNumber(row[i])));
  const table = new BoxWriter(widths, numeric);
  return [
    table.top(),
    table.row(header),
    table.middle(),
    ...cells.map((row) => table.row(row)),
    table.bottom(),
  ].join('\n');
}

/** The lines of a box whose column widths are known before its rows; longer cells are cut. */
export class BoxWriter {
  readonly #widths: readonly number[];
  readonly #numeric: readonly boolean[];

  constructor(widths: readonly number[], numeric: readonly boolean[] = []) {
    this.#widths = widths;
    this.#numeric = numeric;
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

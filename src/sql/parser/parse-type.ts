import type { TypeNode } from '../ast.ts';
import type { TokenStream } from './token-stream.ts';

/**
 * type := base { ARRAY }
 * base := ARRAY < type > | MAP < type , type > | STRUCT < [name type {, name type}] > | name [ ( int {, int} ) ]
 */
export function parseType(tokens: TokenStream): TypeNode {
  let type = tokens.nested(() => parseBase(tokens));
  while (tokens.at('ARRAY')) {
    const { line, column } = tokens.take();
    type = { kind: 'array', element: type, line, column };
  }
  return type;
}

function parseBase(tokens: TokenStream): TypeNode {
  const { line, column } = tokens.peek();
  if (tokens.accept('ARRAY', '<')) {
    const element = parseType(tokens);
    tokens.expect('>');
    return { kind: 'array', element, line, column };
  }
  if (tokens.accept('MAP', '<')) {
    const key = parseType(tokens);
    tokens.expect(',');
    const value = parseType(tokens);
    tokens.expect('>');
    return { kind: 'map', key, value, line, column };
  }
  // `<>` lexes as one symbol: a struct without fields.
  if (tokens.accept('STRUCT', '<>')) return { kind: 'struct', fields: [], line, column };
  if (tokens.accept('STRUCT', '<')) {
    const fields: { name: string; type: TypeNode }[] = [];
    while (!tokens.at('>')) {
      if (fields.length > 0) tokens.expect(',');
      const name = tokens.name('a field name').text;
      fields.push({ name, type: parseType(tokens) });
    }
    tokens.expect('>');
    return { kind: 'struct', fields, line, column };
  }
  const name = tokens.name('a type').text;
  return { kind: 'named', name, parameters: parseParameters(tokens), line, column };
}

function parseParameters(tokens: TokenStream): number[] {
  const parameters: number[] = [];
  if (!tokens.accept('(')) return parameters;
  do {
    // VARCHAR(STRING) is accepted by ksqlDB and means nothing.
    if (tokens.accept('STRING')) continue;
    parameters.push(tokens.integer());
  } while (tokens.accept(','));
  tokens.expect(')');
  return parameters;
}

import type { Expr, TypeNode } from './ast.ts';

/** An AST expression as SQL text for messages and for comparing expressions: names as resolved by `name`. */
export function exprText(e: Expr, name: (e: Extract<Expr, { kind: 'name' }>) => string = plainName): string {
  const text = (inner: Expr): string => exprText(inner, name);
  switch (e.kind) {
    case 'null':
      return 'NULL';
    case 'boolean':
      return String(e.value);
    case 'number':
      return e.text;
    case 'string':
      return `'${e.value.replaceAll("'", "''")}'`;
    case 'name':
      return name(e);
    case 'unary':
      return e.operator === 'NOT' ? `(NOT ${text(e.operand)})` : `${e.operator}${text(e.operand)}`;
    case 'binary':
      return `(${text(e.left)} ${e.operator} ${text(e.right)})`;
    case 'logical':
      return `(${e.operands.map(text).join(` ${e.operator} `)})`;
    case 'isNull':
      return `(${text(e.operand)} IS ${e.negated ? 'NOT ' : ''}NULL)`;
    case 'between':
      return `(${text(e.operand)} ${e.negated ? 'NOT ' : ''}BETWEEN ${text(e.low)} AND ${text(e.high)})`;
    case 'in':
      return `(${text(e.operand)} ${e.negated ? 'NOT ' : ''}IN (${e.list.map(text).join(', ')}))`;
    case 'like':
      return `(${text(e.operand)} ${e.negated ? 'NOT ' : ''}LIKE ${text(e.pattern)}${e.escape === undefined ? '' : ` ESCAPE '${e.escape}'`})`;
    case 'case':
      return caseText(e, text);
    case 'cast':
      return `CAST(${text(e.operand)} AS ${typeText(e.type)})`;
    case 'subscript':
      return `${text(e.base)}[${text(e.index)}]`;
    case 'field':
      return `${text(e.base)}->${nameText(e.name)}`;
    case 'array':
      return `ARRAY[${e.items.map(text).join(', ')}]`;
    case 'map':
      return `MAP(${e.entries.map((entry) => `${text(entry.key)}:=${text(entry.value)}`).join(', ')})`;
    case 'struct':
      return `STRUCT(${e.fields.map((field) => `${nameText(field.name)}:=${text(field.value)}`).join(', ')})`;
    case 'call':
      return `${e.name}(${e.star ? '*' : e.args.map(text).join(', ')})`;
    case 'lambda':
      return `(${e.parameters.join(', ')}) => ${text(e.body)}`;
    case 'atTimeZone':
      return `${text(e.operand)} AT TIME ZONE ${text(e.zone)}`;
  }
}

function caseText(e: Extract<Expr, { kind: 'case' }>, text: (e: Expr) => string): string {
  const whens = e.whens.map((when) => ` WHEN ${text(when.condition)} THEN ${text(when.result)}`).join('');
  return `(CASE${e.operand ? ` ${text(e.operand)}` : ''}${whens}${e.otherwise ? ` ELSE ${text(e.otherwise)}` : ''} END)`;
}

function plainName(e: Extract<Expr, { kind: 'name' }>): string {
  return e.source === undefined ? nameText(e.name) : `${nameText(e.source)}.${nameText(e.name)}`;
}

/** Quoted only where it must be. */
export function nameText(name: string): string {
  return /^[A-Z_@][A-Z0-9_@]*$/.test(name) ? name : `\`${name.replaceAll('`', '``')}\``;
}

export function typeText(type: TypeNode): string {
  switch (type.kind) {
    case 'named':
      return type.parameters.length === 0 ? type.name : `${type.name}(${type.parameters.join(', ')})`;
    case 'array':
      return `ARRAY<${typeText(type.element)}>`;
    case 'map':
      return `MAP<${typeText(type.key)}, ${typeText(type.value)}>`;
    case 'struct':
      return `STRUCT<${type.fields.map((field) => `${nameText(field.name)} ${typeText(field.type)}`).join(', ')}>`;
  }
}

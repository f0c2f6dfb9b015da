import type { Expr, ExprOf } from './ast.ts';

/** The expressions directly inside one, from left to right. */
export function childrenOf(e: Expr): readonly Expr[] {
  switch (e.kind) {
    case 'null':
    case 'boolean':
    case 'number':
    case 'string':
    case 'name':
      return [];
    case 'unary':
    case 'isNull':
    case 'cast':
      return [e.operand];
    case 'binary':
      return [e.left, e.right];
    case 'logical':
      return e.operands;
    case 'between':
      return [e.operand, e.low, e.high];
    case 'in':
      return [e.operand, ...e.list];
    case 'like':
      return [e.operand, e.pattern];
    case 'case':
      return [
        ...(e.operand ? [e.operand] : []),
        ...e.whens.flatMap((when) => [when.condition, when.result]),
        ...(e.otherwise ? [e.otherwise] : []),
      ];
    case 'subscript':
      return [e.base, e.index];
    case 'field':
      return [e.base];
    case 'array':
      return e.items;
    case 'map':
      return e.entries.flatMap((entry) => [entry.key, entry.value]);
    case 'struct':
      return e.fields.map((field) => field.value);
    case 'call':
      return e.args;
    case 'lambda':
      return [e.body];
    case 'atTimeZone':
      return [e.operand, e.zone];
  }
}

/** Every expression in `root`, itself first; iterative, so a tree of any depth is fine. */
export function* walk(root: Expr): Generator<Expr> {
  const pending: Expr[] = [root];
  for (let e = pending.pop(); e !== undefined; e = pending.pop()) {
    yield e;
    const children = childrenOf(e);
    for (let i = children.length - 1; i >= 0; i--) pending.push(children[i]!);
  }
}

/** The first expression that lies deeper than `limit` levels, if there is one. */
export function deeperThan(root: Expr, limit: number): Expr | undefined {
  let level: readonly Expr[] = [root];
  for (let depth = 1; level.length > 0; depth++) {
    if (depth > limit) return level[0];
    level = level.flatMap(childrenOf);
  }
  return undefined;
}

/** The names in an expression that are no parameters of a lambda inside of it. */
export function* freeNames(root: Expr, bound: readonly string[] = []): Generator<ExprOf<'name'>> {
  if (root.kind === 'name') {
    if (root.source !== undefined || !bound.includes(root.name)) yield root;
    return;
  }
  const inner = root.kind === 'lambda' ? [...bound, ...root.parameters] : bound;
  for (const child of childrenOf(root)) yield* freeNames(child, inner);
}

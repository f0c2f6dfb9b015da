import { isNumeric } from '../../data/common-type.ts';
import { formatType } from '../../data/type-text.ts';
import type { Expr, ExprOf } from '../ast.ts';
import type { Expression } from '../expression.ts';
import { isAggregate } from '../functions/bind-aggregate.ts';
import { findScalar, findTable, functionNames } from '../functions/registry.ts';
import { resolveVariant, type ScalarFunction } from '../functions/scalar.ts';
import type { Argument, Signature } from '../functions/signature.ts';
import { formatTypePattern } from '../functions/type-pattern.ts';
import { literal, STRING } from '../operators.ts';
import { SqlError } from '../sql-error.ts';
import { didYouMean } from '../suggest.ts';
import { analyse, type Scope } from './analyse-expression.ts';
import { Lambda } from './analyse-lambda.ts';
import { castTo, isNull } from './coerce.ts';

const UNITS = new Set(
  ['YEAR', 'MONTH', 'WEEK', 'DAY', 'HOUR', 'MINUTE', 'SECOND', 'MILLISECOND'].flatMap((unit) => [
    unit,
    `${unit}S`,
  ]),
);

/** A call of a scalar function: picks the variant and casts the arguments to what it takes. */
export function analyseCall(e: ExprOf<'call'>, scope: Scope): Expression {
  const found = findScalar(e.name);
  if (found === undefined) throw noSuchFunction(e);
  return resolveCall(e, found, scope);
}

/** A call of a table function: a list, each element of which is to be a row. */
export function analyseTableCall(e: ExprOf<'call'>, scope: Scope): Expression {
  const found = findTable(e.name);
  if (found === undefined) throw noSuchFunction(e);
  return resolveCall(e, found, scope);
}

function resolveCall(e: ExprOf<'call'>, found: ScalarFunction, scope: Scope): Expression {
  const args = e.args.map((arg, i) =>
    takesUnit(found, i, arg) ? literal((arg as ExprOf<'name'>).name, STRING) : argument(arg, scope),
  );
  const types = args.map((arg) => (arg.kind === 'LAMBDA' ? arg : isNull(arg) ? undefined : arg.type));
  const resolved = e.star
    ? undefined
    : (resolveVariant(found, types) ?? resolveVariant(found, withoutText(found, args, types)));
  if (resolved === undefined) throw noSuchVariant(e, found, args);
  if (found.wantsOneType) refuseSeveralNumbers(e, found, args);
  return {
    kind: 'call',
    function: found.name,
    args: args.map((arg, i) =>
      arg.kind === 'LAMBDA' ? arg.expression : castTo(arg, resolved.argTypes[i]!, e.args[i]!),
    ),
    type: resolved.returns,
  };
}

/** As ksqlDB, whose variants for each type of number all fit by widening, one as well as the other. */
function refuseSeveralNumbers(
  e: ExprOf<'call'>,
  { name }: ScalarFunction,
  args: readonly (Expression | Lambda)[],
): void {
  const kinds = new Set(
    args.flatMap((arg) => (arg.kind !== 'LAMBDA' && isNumeric(arg.type) ? [arg.type.kind] : [])),
  );
  if (kinds.size < 2) return;
  throw new SqlError(
    `More than one form of ${name} fits arguments of (${args.map(argumentText).join(', ')}). CAST them to one type.`,
    e.line,
    e.column,
  );
}

function argument(e: Expr, scope: Scope): Expression | Lambda {
  return e.kind === 'lambda' ? new Lambda(e, scope) : analyse(e, scope);
}

/** `GREATEST(day, '2024-02-29')`: text beside a value of any type becomes that type, as in a comparison. */
function withoutText(
  found: ScalarFunction,
  args: readonly (Expression | Lambda)[],
  types: readonly Argument[],
): Argument[] {
  return types.map((type, i) => {
    const isText = args[i]!.kind === 'literal' && type?.kind === 'STRING';
    return isText && found.variants.some(({ signature }) => takesAnyType(signature, i)) ? undefined : type;
  });
}

function takesAnyType({ parameters }: Signature, index: number): boolean {
  return parameters[Math.min(index, parameters.length - 1)]?.kind === 'variable';
}

/** `DATEADD(DAYS, 1, d)`: the unit looks like a column. */
function takesUnit(found: ScalarFunction, index: number, arg: Expr): boolean {
  if (arg.kind !== 'name' || arg.source !== undefined || !UNITS.has(arg.name)) return false;
  return found.variants.some((variant) => variant.signature.parameters[index]?.kind === 'UNIT');
}

function noSuchFunction(e: ExprOf<'call'>): SqlError {
  if (isAggregate(e.name)) {
    return new SqlError(
      `Aggregate function ${e.name} can only be used in SELECT and HAVING of a query with GROUP BY.`,
      e.line,
      e.column,
    );
  }
  if (findTable(e.name) !== undefined) {
    return new SqlError(
      `Table function ${e.name} can only be used in SELECT of a query over a stream that is not grouped.`,
      e.line,
      e.column,
    );
  }
  return new SqlError(
    `There is no function ${e.name}.${didYouMean(e.name, functionNames())}`,
    e.line,
    e.column,
  );
}

function noSuchVariant(
  e: ExprOf<'call'>,
  found: ScalarFunction,
  args: readonly (Expression | Lambda)[],
): SqlError {
  const given = e.star ? '*' : args.map(argumentText).join(', ');
  const alternatives = found.variants.map(({ signature }) => {
    const parameters = signature.parameters.map(
      (pattern, i) => `${formatTypePattern(pattern)}${i === signature.variadicAt ? '...' : ''}`,
    );
    return `${found.name}(${parameters.join(', ')})`;
  });
  return new SqlError(
    `${found.name} takes no arguments of (${given}). It can be called as:\n${alternatives.join('\n')}`,
    e.line,
    e.column,
  );
}

function argumentText(arg: Expression | Lambda): string {
  if (arg.kind === 'LAMBDA') return `LAMBDA of ${arg.parameterCount}`;
  return isNull(arg) ? 'null' : formatType(arg.type);
}

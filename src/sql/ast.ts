/**
 * The tree the parser makes of a statement: names as written (folded to upper case unless quoted), nothing
 * resolved. Every node knows where it stands so that the analyser can point at it.
 */
export interface At {
  readonly line: number;
  readonly column: number;
}

export type Expr =
  | (At & { readonly kind: 'null' })
  | (At & { readonly kind: 'boolean'; readonly value: boolean })
  /** `number` keeps the text: 1 (integer), 1.0 (decimal), 1E0 (double). */
  | (At & { readonly kind: 'number'; readonly form: 'integer' | 'decimal' | 'double'; readonly text: string })
  | (At & { readonly kind: 'string'; readonly value: string })
  | (At & { readonly kind: 'name'; readonly source?: string; readonly name: string })
  | (At & { readonly kind: 'unary'; readonly operator: '-' | '+' | 'NOT'; readonly operand: Expr })
  | (At & {
      readonly kind: 'binary';
      readonly operator: BinaryOperator;
      readonly left: Expr;
      readonly right: Expr;
    })
  /** AND and OR keep all their operands in one node, so that a long chain is not a deep tree. */
  | (At & { readonly kind: 'logical'; readonly operator: 'AND' | 'OR'; readonly operands: readonly Expr[] })
  | (At & { readonly kind: 'isNull'; readonly operand: Expr; readonly negated: boolean })
  | (At & {
      readonly kind: 'between';
      readonly operand: Expr;
      readonly low: Expr;
      readonly high: Expr;
      readonly negated: boolean;
    })
  | (At & {
      readonly kind: 'in';
      readonly operand: Expr;
      readonly list: readonly Expr[];
      readonly negated: boolean;
    })
  | (At & {
      readonly kind: 'like';
      readonly operand: Expr;
      readonly pattern: Expr;
      readonly escape?: string;
      readonly negated: boolean;
    })
  | (At & {
      readonly kind: 'case';
      readonly operand?: Expr;
      readonly whens: readonly { readonly condition: Expr; readonly result: Expr }[];
      readonly otherwise?: Expr;
    })
  | (At & { readonly kind: 'cast'; readonly operand: Expr; readonly type: TypeNode })
  | (At & { readonly kind: 'subscript'; readonly base: Expr; readonly index: Expr })
  | (At & { readonly kind: 'field'; readonly base: Expr; readonly name: string })
  | (At & { readonly kind: 'array'; readonly items: readonly Expr[] })
  | (At & { readonly kind: 'map'; readonly entries: readonly { readonly key: Expr; readonly value: Expr }[] })
  | (At & {
      readonly kind: 'struct';
      readonly fields: readonly { readonly name: string; readonly value: Expr }[];
    })
  | (At & {
      readonly kind: 'call';
      readonly name: string;
      readonly args: readonly Expr[];
      readonly star: boolean;
    })
  | (At & { readonly kind: 'lambda'; readonly parameters: readonly string[]; readonly body: Expr })
  | (At & { readonly kind: 'atTimeZone'; readonly operand: Expr; readonly zone: Expr });

export type ExprOf<Kind extends Expr['kind']> = Extract<Expr, { kind: Kind }>;

export type BinaryOperator =
  | '+'
  | '-'
  | '*'
  | '/'
  | '%'
  | '||'
  | '='
  | '<>'
  | '<'
  | '<='
  | '>'
  | '>='
  | 'IS DISTINCT FROM'
  | 'IS NOT DISTINCT FROM';

export type TypeNode =
  | (At & { readonly kind: 'named'; readonly name: string; readonly parameters: readonly number[] })
  | (At & { readonly kind: 'array'; readonly element: TypeNode })
  | (At & { readonly kind: 'map'; readonly key: TypeNode; readonly value: TypeNode })
  | (At & {
      readonly kind: 'struct';
      readonly fields: readonly { readonly name: string; readonly type: TypeNode }[];
    });

export type SelectItem =
  | (At & { readonly kind: 'expression'; readonly expression: Expr; readonly alias?: string })
  | (At & { readonly kind: 'star'; readonly source?: string })
  | (At & { readonly kind: 'structStar'; readonly base: Expr });

export interface AliasedSource extends At {
  readonly name: string;
  readonly alias: string;
}

export interface Duration extends At {
  readonly amount: number;
  readonly unit: string;
}

export interface JoinClause extends At {
  readonly type: 'INNER' | 'LEFT' | 'RIGHT' | 'FULL';
  readonly source: AliasedSource;
  readonly within?: { readonly before: Duration; readonly after: Duration; readonly grace?: Duration };
  readonly on: Expr;
}

export interface WindowClause extends At {
  readonly type: 'TUMBLING' | 'HOPPING' | 'SESSION';
  readonly size: Duration;
  readonly advance?: Duration;
  readonly retention?: Duration;
  readonly grace?: Duration;
}

export interface Query extends At {
  readonly items: readonly SelectItem[];
  readonly from: AliasedSource;
  readonly joins: readonly JoinClause[];
  readonly window?: WindowClause;
  readonly where?: Expr;
  readonly groupBy: readonly Expr[];
  readonly partitionBy: readonly Expr[];
  readonly having?: Expr;
  readonly emit?: 'CHANGES' | 'FINAL';
  readonly limit?: number;
}

export interface Property extends At {
  readonly name: string;
  readonly value: Expr;
}

export interface ColumnDefinition extends At {
  readonly name: string;
  readonly type: TypeNode;
  readonly role: 'VALUE' | 'KEY' | 'PRIMARY KEY' | 'HEADERS' | 'HEADER';
  readonly headerKey?: string;
}

export type Relation = 'STREAM' | 'TABLE';

export type ListSubject =
  | 'PROPERTIES'
  | 'TOPICS'
  | 'STREAMS'
  | 'TABLES'
  | 'FUNCTIONS'
  | 'QUERIES'
  | 'TYPES'
  | 'VARIABLES'
  | 'CONNECTORS'
  | 'CONNECTOR PLUGINS';

export type Statement =
  | (At & { readonly kind: 'query'; readonly query: Query })
  | (At & {
      readonly kind: 'createSource';
      readonly relation: Relation;
      readonly name: string;
      readonly columns: readonly ColumnDefinition[];
      readonly properties: readonly Property[];
      readonly orReplace: boolean;
      readonly ifNotExists: boolean;
      /** CREATE SOURCE STREAM / TABLE: read only. */
      readonly source: boolean;
    })
  | (At & {
      readonly kind: 'createAs';
      readonly relation: Relation;
      readonly name: string;
      readonly properties: readonly Property[];
      readonly query: Query;
      readonly orReplace: boolean;
      readonly ifNotExists: boolean;
    })
  | (At & {
      readonly kind: 'insertInto';
      readonly target: string;
      readonly properties: readonly Property[];
      readonly query: Query;
    })
  | (At & {
      readonly kind: 'insertValues';
      readonly target: string;
      readonly columns: readonly (At & { readonly name: string })[];
      readonly values: readonly Expr[];
    })
  | (At & {
      readonly kind: 'drop';
      readonly relation: Relation;
      readonly name: string;
      readonly ifExists: boolean;
      readonly deleteTopic: boolean;
    })
  | (At & {
      readonly kind: 'alter';
      readonly relation: Relation;
      readonly name: string;
      readonly columns: readonly { readonly name: string; readonly type: TypeNode }[];
    })
  | (At & {
      readonly kind: 'createType';
      readonly name: string;
      readonly type: TypeNode;
      readonly ifNotExists: boolean;
    })
  | (At & { readonly kind: 'dropType'; readonly name: string; readonly ifExists: boolean })
  | (At & {
      readonly kind: 'createConnector';
      readonly direction: 'SOURCE' | 'SINK';
      readonly name: string;
      readonly properties: readonly Property[];
      readonly ifNotExists: boolean;
    })
  | (At & { readonly kind: 'dropConnector'; readonly name: string; readonly ifExists: boolean })
  | (At & { readonly kind: 'describeConnector'; readonly name: string })
  | (At & {
      readonly kind: 'list';
      readonly subject: ListSubject;
      readonly extended: boolean;
      /** LIST ALL TOPICS: internal ones too. */
      readonly all: boolean;
      readonly connectorScope?: 'SOURCE' | 'SINK';
    })
  | (At & { readonly kind: 'describe'; readonly name: string; readonly extended: boolean })
  | (At & { readonly kind: 'describeAll'; readonly relation: Relation; readonly extended: boolean })
  | (At & { readonly kind: 'describeFunction'; readonly name: string })
  | (At & { readonly kind: 'explain'; readonly queryId: string })
  | (At & { readonly kind: 'explainStatement'; readonly statement: Statement; readonly text: string })
  | (At & {
      readonly kind: 'print';
      readonly topic: string;
      readonly fromBeginning: boolean;
      readonly interval?: number;
      readonly limit?: number;
    })
  | (At & { readonly kind: 'terminate' | 'pause' | 'resume'; readonly queryId: string | 'ALL' })
  | (At & { readonly kind: 'set'; readonly name: string; readonly value: string })
  | (At & { readonly kind: 'unset'; readonly name: string })
  | (At & { readonly kind: 'alterSystem'; readonly name: string; readonly value: string })
  | (At & { readonly kind: 'define'; readonly name: string; readonly value: string })
  | (At & { readonly kind: 'undefine'; readonly name: string })
  | (At & { readonly kind: 'runScript'; readonly file: string })
  | (At & {
      readonly kind: 'assertTopic';
      readonly topic: string;
      readonly exists: boolean;
      readonly properties: readonly Property[];
      readonly timeout?: Duration;
    })
  | (At & {
      readonly kind: 'assertSchema';
      readonly subject?: string;
      readonly id?: number;
      readonly exists: boolean;
      readonly timeout?: Duration;
    });

export type StatementOf<Kind extends Statement['kind']> = Extract<Statement, { kind: Kind }>;

/** A statement with its exact text (as written, variables replaced, up to and with its semicolon). */
export interface ParsedStatement {
  readonly text: string;
  readonly statement: Statement;
}

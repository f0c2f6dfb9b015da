import { KsqlError } from '../../engine/service/ksql-error.ts';
import { SqlError } from '../../sql/sql-error.ts';
import { QueryStopped } from './piped-server.ts';

type Matches = (error: Error) => boolean;

const isRefusal: Matches = (error) => error instanceof KsqlError || error instanceof SqlError;
const isSyntaxError: Matches = (error) => isRefusal(error) && /Syntax Error/.test(error.message);
const isStop: Matches = (error) => error instanceof QueryStopped;

/** What ksqlDB's error classes, by their last names, stand for here. */
const CLASSES: Readonly<Record<string, Matches>> = {
  ParseFailedException: isSyntaxError,
  KsqlStatementException: isRefusal,
  KsqlException: isRefusal,
  StreamsException: isStop,
  AssertionError: (error) => error.name === 'AssertionFailed',
  KsqlTestException: () => true,
  Throwable: () => true,
  Exception: () => true,
  RuntimeException: () => true,
};

/** A class that is not in the table is one of Java's that nothing here can be compared with: any refusal will do. */
export function isOfClass(error: Error, className: string): boolean {
  const matches = CLASSES[className.slice(className.lastIndexOf('.') + 1)];
  return (matches ?? ((other: Error) => isRefusal(other) || isStop(other)))(error);
}

import { ListenError } from './server.ts';
import { StartError } from './start-error.ts';

/** What the user can mend about a listener that cannot be opened; any other error as it is. */
export function listenError(error: unknown): unknown {
  if (!(error instanceof ListenError)) return error;
  const { cause } = error;
  const { host, port } = error.listener;
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
  if (code === 'EADDRINUSE')
    return new StartError(`Port ${port} at ${host} is in use: stop that process or choose another port.`, {
      cause,
    });
  if (code === 'EACCES')
    return new StartError(`Port ${port} at ${host} is not allowed: choose one above 1023.`, { cause });
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND')
    return new StartError(`This machine has no address ${host} to listen at.`, { cause });
  return cause;
}

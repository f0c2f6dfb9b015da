/** Ends the connection; `message` says in one line what the peer did. Not an error of this server. */
export class ConnectionError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'ConnectionError';
  }
}

/** What goes wrong between the shell and the server, as one message for a person. */
export class ClientError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'ClientError';
  }
}

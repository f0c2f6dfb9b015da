/** Bytes that are not the message they should be: cut short, a hostile length, a null where none may be. */
export class ProtocolError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'ProtocolError';
  }
}

/** Compressed bytes that do not decode, or decode to more than the reader allows. */
export class CompressionError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'CompressionError';
  }
}

/** Why a query cannot run, where trying again would not help: somebody has to change something first. */
export class LastingError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'LastingError';
  }
}

import type { Buffer } from 'node:buffer';

/** Whom an exchange proved the client to be. */
export interface SaslIdentity {
  readonly user: string;
  /** When the credential itself ends, on the wall clock (KIP-368); left out: never. */
  readonly expiresAtMs?: number;
}

export interface SaslStep {
  /** The server's next word; may be empty. */
  readonly reply: Buffer;
  /** Set by the last step. */
  readonly identity?: SaslIdentity;
}

/** One way to prove who one is, over some tokens back and forth. */
export interface SaslExchange {
  /** Throws or rejects with a SaslError when the client has not proved it. */
  next(token: Buffer): SaslStep | Promise<SaslStep>;
}

/** A mechanism as a listener offers it. */
export interface SaslMechanism {
  /** As in `sasl.enabled.mechanisms`. */
  readonly name: string;
  begin(): SaslExchange;
}

/** The client has not proved who it is. `message` goes to the log; the client hears `told`, which gives nothing away. */
export class SaslError extends Error {
  readonly told: string | undefined;

  constructor(message: string, told?: string) {
    super(message);
    this.name = 'SaslError';
    this.told = told;
  }
}

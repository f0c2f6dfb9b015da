import { Buffer } from 'node:buffer';
import { connect, isIP, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { formatHostPort, type HostPort } from '../../base/address.ts';
import { Deferred } from '../../base/async.ts';
import { FrameCutter } from '../../broker/frame-cutter.ts';
import type { Draft } from '../../protocol/draft.ts';
import { decodeResponse, encodeRequest } from '../../protocol/frame.ts';
import type { ApiName, Requests, Responses } from '../../protocol/messages.gen.ts';
import { ClientError } from '../client-error.ts';
import type { KafkaSecurity } from './kafka-security.ts';

const MOST_FRAME_BYTES = 128 * 1024 * 1024;
/** Of a broker that accepts connections and says nothing. */
const TIMEOUT_MS = 30_000;
/** Versions that Kafka 2.4 and all later ones have, so that none has to be asked for. */
const VERSIONS = { Metadata: 4, CreateTopics: 4, Produce: 3, SaslHandshake: 1, SaslAuthenticate: 1 } as const;
type UsedApi = keyof typeof VERSIONS & ApiName;

/** A connection to one Kafka broker as its client. Answers come in the order of the requests. */
export class KafkaConnection {
  readonly #socket: Socket;
  readonly #where: string;
  readonly #cutter = new FrameCutter(MOST_FRAME_BYTES);
  readonly #waiting: Deferred<Buffer>[] = [];
  #correlationId = 0;
  #failure: Error | undefined;

  private constructor(socket: Socket, where: string) {
    this.#socket = socket;
    this.#where = where;
    socket.setNoDelay(true);
    socket.on('error', (error) => this.#fail(error.message));
    socket.on('close', () => this.#fail('it closed the connection'));
    socket.setTimeout(TIMEOUT_MS, () => {
      if (this.#waiting.length > 0) this.#fail(`it did not answer for ${TIMEOUT_MS} ms`);
    });
    socket.on('data', (chunk) => this.#receive(chunk));
  }

  static async open(address: HostPort, { tls, user }: KafkaSecurity): Promise<KafkaConnection> {
    const where = formatHostPort(address);
    const { host, port } = address;
    // Server names are names: an address must not be one.
    const socket = tls
      ? connectTls({ host, port, ...(isIP(host) === 0 && { servername: host }), ...tls })
      : connect({ host, port });
    const connected = new Deferred();
    socket.once(tls ? 'secureConnect' : 'connect', connected.resolve);
    socket.once('error', (error) =>
      connected.reject(new ClientError(`The Kafka broker at ${where} was not reached: ${error.message}`)),
    );
    await connected.promise;
    const connection = new KafkaConnection(socket, where);
    if (user) await connection.#logIn(user);
    return connection;
  }

  async request<Name extends UsedApi>(name: Name, request: Draft<Requests[Name]>): Promise<Responses[Name]> {
    if (this.#failure) throw this.#failure;
    const version = VERSIONS[name];
    const header = { correlationId: ++this.#correlationId, clientId: 'millrace-datagen' };
    const answer = new Deferred<Buffer>();
    this.#waiting.push(answer);
    for (const piece of encodeRequest(name, version, header, request)) this.#socket.write(piece);
    return decodeResponse(name, version, await answer.promise).message;
  }

  get isOpen(): boolean {
    return this.#failure === undefined;
  }

  close(): void {
    this.#socket.destroy();
  }

  async #logIn({ name, password }: NonNullable<KafkaSecurity['user']>): Promise<void> {
    const { errorCode, mechanisms } = await this.request('SaslHandshake', { mechanism: 'PLAIN' });
    if (errorCode !== 0) this.#fail(`it takes no PLAIN, only ${mechanisms.join(', ')}`);
    const answer = await this.request('SaslAuthenticate', {
      authBytes: Buffer.from(`\0${name}\0${password}`),
    });
    if (answer.errorCode !== 0) this.#fail(`it refused user ${name}: ${answer.errorMessage}`);
    if (this.#failure) throw this.#failure;
  }

  #receive(chunk: Buffer): void {
    if (this.#cutter.pendingBytes === 0 && chunk.subarray(0, 5).toString('latin1') === 'HTTP/') {
      this.#fail("it answers in HTTP: is that the broker's Kafka port?");
      return;
    }
    try {
      this.#cutter.push(chunk, (frame) => this.#waiting.shift()?.resolve(frame));
    } catch (error) {
      this.#fail((error as Error).message);
    }
  }

  #fail(reason: string): void {
    this.#failure ??= new ClientError(`The Kafka broker at ${this.#where} failed: ${reason}`);
    this.#socket.destroy();
    for (const waiting of this.#waiting.splice(0)) waiting.reject(this.#failure);
  }
}

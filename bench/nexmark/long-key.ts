/** As Kafka's LongSerializer writes it. */
export function longKey(id: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64BE(BigInt(id));
  return bytes;
}

/** Prints one line `name: what happened`, without what differs from run to run. */
export async function show(name: string, run: () => Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error('took too long')), 30_000);
  });
  try {
    console.log(`${name}: ${JSON.stringify(await Promise.race([run(), late]))}`);
  } catch (error) {
    console.log(`${name}: ${describe(error)}`);
  } finally {
    clearTimeout(timer);
  }
}

function describe(error: unknown): string {
  const { name, message, type, errors } = error as Error & { type?: string; errors?: unknown[] };
  const inner = errors?.map(describe).join('; ');
  return [name, type, message, inner].filter((part) => part !== undefined && part !== '').join(', ');
}

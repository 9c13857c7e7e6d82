// One bounded GET to RabbitMQ's management API: bounded in time and in bytes, no redirects, certificates verified.

const TIMEOUT_MS = 3000;
const MAX_ANSWER_BYTES = 16 * 1024 * 1024;

export async function readManagement(
  base: { url: string; authorization: string },
  path: string,
): Promise<unknown> {
  const response = await fetch(`${base.url}${path}`, {
    headers: { authorization: base.authorization },
    signal: AbortSignal.timeout(TIMEOUT_MS),
    redirect: 'error',
  });
  if (!response.ok) {
    await response.body?.cancel();
    throw new Error(`HTTP ${response.status} ${response.statusText}`.trim());
  }
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    const bytes = chunk as Uint8Array;
    size += bytes.length;
    if (size > MAX_ANSWER_BYTES)
      throw new Error(`the answer is larger than ${MAX_ANSWER_BYTES} bytes`);
    chunks.push(bytes);
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8'));
  } catch {
    throw new Error('the answer is not JSON: is this the management API?');
  }
}

// The memory of this process, sampled when somebody asks (`memsample`) and told together (`memdump`). Mirrors celery.utils.debug.
const MAX_SAMPLES = 1000;

export class MemorySamples {
  #samples: string[] = [];

  /** Resident memory now. */
  sample(): string {
    const text = humanBytes(process.memoryUsage.rss());
    this.#samples.push(text);
    if (this.#samples.length > MAX_SAMPLES) this.#samples.shift();
    return text;
  }

  /** The samples since the last time, at most so many of them, and what it is now. */
  dump(most: number): string {
    const all = this.#samples;
    this.#samples = [];
    const step = Math.max(1, all.length / Math.max(1, most));
    const some = Array.from(
      { length: Math.min(all.length, Math.max(1, most)) },
      (_, at) => all[Math.floor(at * step)] ?? '',
    );
    const lines =
      some.length === 0 ? [] : ['- rss (sample):', ...some.map((one) => `-    > ${one},`)];
    return [...lines, `- rss (end): ${humanBytes(process.memoryUsage.rss())}.`, ''].join('\n');
  }
}

function humanBytes(bytes: number): string {
  const mb = bytes / 1024 / 1024;
  return mb < 1 ? `${(bytes / 1024).toFixed(2)}kB` : `${mb.toFixed(2)}MB`;
}

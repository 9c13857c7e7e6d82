// One line per step on standard error: what is being done, then how long it took.

export class Trouble extends Error {
  constructor(message, { output = '', exitCode = 1 } = {}) {
    super(message);
    this.output = output;
    this.exitCode = exitCode;
  }
}

/** Runs `work` under a line that says `label`; the line ends with the time it took. */
export async function step(label, work) {
  const out = process.stderr;
  const startedAt = performance.now();
  const seconds = () => `${((performance.now() - startedAt) / 1000).toFixed(1)} s`;
  out.write(`umbel: ${label} …`);
  const ticker = out.isTTY
    ? setInterval(() => out.write(`\r\x1b[Kumbel: ${label} … ${seconds()}`), 1000)
    : undefined;
  const end = (text) => {
    clearInterval(ticker);
    out.write(out.isTTY ? `\r\x1b[Kumbel: ${label} … ${text}\n` : ` ${text}\n`);
  };
  try {
    const result = await work();
    end(seconds());
    return result;
  } catch (error) {
    end(`failed after ${seconds()}`);
    throw error;
  }
}

export function say(text) {
  process.stderr.write(`umbel: ${text}\n`);
}

/** Prints what a program said and the one clear line; throws whatever is not {@link Trouble}. */
export function tellTrouble(error) {
  if (!(error instanceof Trouble)) throw error;
  if (error.output.trim() !== '') process.stderr.write(`${error.output.trimEnd()}\n`);
  say(error.message);
}

/** Runs `main` and keeps its exit code; trouble is told. */
export async function runScript(main) {
  try {
    const code = await main();
    if (typeof code === 'number') process.exitCode = code;
  } catch (error) {
    tellTrouble(error);
    process.exitCode = error.exitCode;
  }
}

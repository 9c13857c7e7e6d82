// What commands print. Colours on a terminal only, and not where `--no-color` or NO_COLOR forbids them.
export type Style = 'bold' | 'red' | 'green' | 'yellow' | 'cyan' | 'dim';

export interface Output {
  line(text: string): void;
  error(text: string): void;
  style(text: string, style: Style): string;
}

const CODES: Readonly<Record<Style, number>> = {
  bold: 1,
  dim: 2,
  red: 31,
  green: 32,
  yellow: 33,
  cyan: 36,
};

export function createOutput(options: { hasColor: boolean }): Output {
  return {
    line: (text) => process.stdout.write(`${text}\n`),
    error: (text) => process.stderr.write(`${text}\n`),
    style: (text, style) =>
      options.hasColor ? `\u001b[${String(CODES[style])}m${text}\u001b[0m` : text,
  };
}

// Prometheus text, family by family. What is not known is left out: a sample is never zero for want of knowledge.

export type Labels = Readonly<Record<string, string>>;
export type Sample = { suffix?: string; labels: Labels; value: number | null };

export function family(
  name: string,
  type: 'counter' | 'gauge' | 'histogram',
  help: string,
  samples: readonly Sample[],
): string {
  const lines = samples.flatMap(({ suffix = '', labels, value }) =>
    value === null || Number.isNaN(value)
      ? []
      : [`${name}${suffix}${formatLabels(labels)} ${formatValue(value)}`],
  );
  if (lines.length === 0) return '';
  const escapedHelp = help.replace(/\\/g, '\\\\').replace(/\n/g, '\\n');
  return [`# HELP ${name} ${escapedHelp}`, `# TYPE ${name} ${type}`, ...lines, ''].join('\n');
}

/** `counts` are cumulative, one for each bound; `total` is the count of all. */
export function histogramSamples(
  labels: Labels,
  bounds: readonly number[],
  counts: readonly number[],
  total: number,
  sum: number,
): Sample[] {
  return [
    ...bounds.map((bound, index) => ({
      suffix: '_bucket',
      labels: { ...labels, le: formatValue(bound) },
      value: counts[index] ?? null,
    })),
    { suffix: '_bucket', labels: { ...labels, le: '+Inf' }, value: total },
    { suffix: '_sum', labels, value: sum },
    { suffix: '_count', labels, value: total },
  ];
}

function formatLabels(labels: Labels): string {
  const parts = Object.entries(labels).map(([name, value]) => `${name}="${escapeLabel(value)}"`);
  return parts.length === 0 ? '' : `{${parts.join(',')}}`;
}

export function escapeLabel(value: string): string {
  return value.replace(/\\/g, '\\\\').replace(/"/g, '\\"').replace(/\n/g, '\\n');
}

function formatValue(value: number): string {
  if (value === Infinity) return '+Inf';
  return value === -Infinity ? '-Inf' : String(value);
}

const WIDTH = 120;
const HEIGHT = 26;

export type SparkPoint = { value: number | null; unfinished?: boolean };

/** A line without axes: gaps where nothing is known, a dot for what is alone, dashed where the last bucket is unfinished. */
export function Sparkline({
  points,
  color,
  height = HEIGHT,
}: {
  points: readonly SparkPoint[];
  color: string;
  height?: number;
}) {
  const known = points.flatMap((point) => (point.value === null ? [] : [point.value]));
  const top = Math.max(...known, 0);
  const place = (value: number, index: number) => {
    const x = points.length < 2 ? WIDTH : (index * WIDTH) / (points.length - 1);
    const y = top === 0 ? HEIGHT - 2 : HEIGHT - 2 - (value / top) * (HEIGHT - 4);
    return `${x.toFixed(1)} ${y.toFixed(1)}`;
  };
  let firm = '';
  let open = '';
  let dots = '';
  points.forEach((point, index) => {
    if (point.value === null) return;
    const before = points[index - 1]?.value;
    const joined = before !== undefined && before !== null;
    const here = place(point.value, index);
    if (point.unfinished === true) {
      open += `M${place(joined ? before : point.value, Math.max(0, index - 1))}L${here}`;
      if (points.length === 1) open += 'H0';
    } else {
      firm += `${joined ? 'L' : 'M'}${here}`;
      const next = points[index + 1]?.value ?? null;
      if (!joined && next === null) dots += `M${here}h0`;
    }
  });
  return (
    <svg
      aria-hidden
      width="100%"
      height={height}
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      preserveAspectRatio="none"
      fill="none"
      stroke={color}
      strokeWidth={1.4}
      strokeLinejoin="round"
      className="block"
    >
      <path d={firm} vectorEffect="non-scaling-stroke" />
      <path d={dots} vectorEffect="non-scaling-stroke" strokeWidth={3} strokeLinecap="round" />
      <path d={open} vectorEffect="non-scaling-stroke" strokeDasharray="2 2" />
    </svg>
  );
}

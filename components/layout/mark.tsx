/** The flower that celery grows. */
export function Mark({ className }: { className?: string }) {
  return (
    <svg
      aria-hidden
      viewBox="0 0 24 24"
      fill="none"
      strokeWidth="1.5"
      strokeLinecap="round"
      className={`stroke-brand ${className ?? 'size-6'}`}
    >
      <path d="M12 22V11M12 13 4.5 7.5M12 12 8 5M12 11.5V4M12 12l4-7M12 13l7.5-5.5" />
      <g className="fill-brand stroke-none">
        <circle cx="4" cy="7" r="1.9" />
        <circle cx="7.8" cy="4.2" r="1.9" />
        <circle cx="12" cy="3.2" r="1.9" />
        <circle cx="16.2" cy="4.2" r="1.9" />
        <circle cx="20" cy="7" r="1.9" />
      </g>
    </svg>
  );
}

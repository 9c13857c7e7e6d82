import { X } from 'lucide-react';
import type { Chip } from './filter-terms.ts';

export function FilterChip({
  chip,
  onEdit,
  onRemove,
}: {
  chip: Chip;
  onEdit: () => void;
  onRemove: () => void;
}) {
  return (
    <span className="inline-flex h-6 max-w-full items-center overflow-hidden rounded-[5px] border border-line bg-raised font-mono text-sm touch:h-[42px]">
      <button
        type="button"
        aria-label={`Edit ${chip.text}`}
        title={chip.text}
        onClick={onEdit}
        className="h-full min-w-0 truncate px-[7px] focus-visible:-outline-offset-2"
      >
        <span className="text-ink-3">{chip.name}</span>
        <span className="font-medium">{chip.value}</span>
      </button>
      <button
        type="button"
        aria-label={`Remove ${chip.text}`}
        onClick={onRemove}
        className="grid h-full w-6 shrink-0 place-items-center border-l border-line text-ink-3 hover:text-ink focus-visible:-outline-offset-2 touch:w-10"
      >
        <X aria-hidden className="size-3" />
      </button>
    </span>
  );
}

'use client';

import { X } from 'lucide-react';
import { useId, useRef, useState, type KeyboardEvent } from 'react';
import { Button } from '@/components/ui/button.tsx';
import { cn } from '@/components/ui/cn.ts';
import { Kbd } from '@/components/ui/kbd.tsx';
import { parseFilter } from '@/lib/filter/parse.ts';
import { addTerms, chipsOf, removeChip } from './filter-terms.ts';
import { FilterChip } from './filter-chip.tsx';
import { useSuggestions, type Option } from './use-suggestions.ts';

/** The filter as chips, and a field for the next term. `/` puts the caret into it. */
export function FilterBar({
  cluster,
  q,
  onChange,
}: {
  cluster: string;
  q: string;
  onChange: (q: string) => void;
}) {
  const chips = chipsOf(q);
  // A filter that cannot be read (from an address, say) goes back into the field, to be mended there.
  return (
    <Bar
      key={chips === null ? q : 'chips'}
      cluster={cluster}
      q={chips === null ? '' : q}
      start={chips === null ? q : ''}
      onChange={onChange}
    />
  );
}

function Bar({
  cluster,
  q,
  start,
  onChange,
}: {
  cluster: string;
  q: string;
  start: string;
  onChange: (q: string) => void;
}) {
  const id = useId();
  const input = useRef<HTMLInputElement>(null);
  const [draft, setDraft] = useState(start);
  const [caret, setCaret] = useState(start.length);
  const [isOpen, setOpen] = useState(false);
  const [active, setActive] = useState(-1);
  const [wasSubmitted, setSubmitted] = useState(start !== '');
  const options = useSuggestions(cluster, draft, caret, isOpen);
  const chips = chipsOf(q) ?? [];
  const parsed = parseFilter(draft);
  const problem = wasSubmitted && !parsed.ok ? parsed : null;

  const type = (text: string, at: number) => {
    setDraft(text);
    setCaret(at);
    setActive(-1);
    setOpen(true);
    setSubmitted(false);
  };
  const commit = (text: string) => {
    const next = addTerms(q, text);
    if (next === null) {
      setSubmitted(true);
      setOpen(false);
      return;
    }
    setDraft('');
    setCaret(0);
    setOpen(false);
    setActive(-1);
    setSubmitted(false);
    if (next !== q || start !== '') onChange(next);
  };
  const choose = (option: Option) => {
    const text = draft.slice(0, option.from) + option.insert + draft.slice(option.to);
    const at = option.from + option.insert.length;
    if (!option.insert.endsWith(':') && parseFilter(text).ok && at === text.length) commit(text);
    else type(text, at);
    input.current?.focus();
  };
  const edit = (index: number) => {
    const chip = chips[index];
    if (chip === undefined) return;
    onChange(removeChip(q, index));
    type(chip.text, chip.text.length);
    input.current?.focus();
  };
  const onKeyDown = (event: KeyboardEvent<HTMLInputElement>) => {
    const chosen = options[active];
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      event.preventDefault();
      setOpen(true);
      if (options.length === 0) return;
      const step = event.key === 'ArrowDown' ? 1 : -1;
      const from = active < 0 && step < 0 ? 0 : active;
      setActive((from + step + options.length) % options.length);
    } else if (event.key === 'Enter') {
      event.preventDefault();
      if (isOpen && chosen !== undefined) choose(chosen);
      else commit(draft);
    } else if (event.key === 'Tab' && isOpen && chosen !== undefined) {
      event.preventDefault();
      choose(chosen);
    } else if (event.key === 'Escape') {
      if (isOpen) {
        event.stopPropagation();
        setOpen(false);
      } else input.current?.blur();
    } else if (event.key === 'Backspace' && draft === '' && chips.length > 0) {
      event.preventDefault();
      edit(chips.length - 1);
    }
  };
  const shows = isOpen && options.length > 0;
  return (
    <div role="search" aria-label="Filter tasks">
      <div className="relative">
        <div className="flex min-h-[38px] flex-wrap items-center gap-1.5 rounded-lg border border-line bg-panel px-2.5 py-1.5 focus-within:border-focus touch:py-0.5">
          {chips.map((chip, index) => (
            <FilterChip
              key={chip.text}
              chip={chip}
              onEdit={() => edit(index)}
              onRemove={() => {
                onChange(removeChip(q, index));
                input.current?.focus();
              }}
            />
          ))}
          <input
            ref={input}
            data-filter-input
            role="combobox"
            aria-label="Filter"
            aria-autocomplete="list"
            aria-expanded={shows}
            aria-controls={`${id}-list`}
            aria-activedescendant={shows && active >= 0 ? `${id}-${active}` : undefined}
            aria-invalid={problem !== null}
            aria-describedby={problem === null ? undefined : `${id}-problem`}
            autoComplete="off"
            autoCapitalize="off"
            spellCheck={false}
            maxLength={2000}
            placeholder={
              chips.length === 0 ? 'Filter: state:failed name:tasks.* runtime:>5s …' : 'Filter'
            }
            value={draft}
            onChange={(event) =>
              type(event.target.value, event.target.selectionStart ?? event.target.value.length)
            }
            onSelect={(event) => setCaret(event.currentTarget.selectionStart ?? draft.length)}
            onClick={() => setOpen(true)}
            onBlur={() => setOpen(false)}
            onKeyDown={onKeyDown}
            className="h-6 min-w-40 flex-1 bg-transparent font-mono text-sm outline-none placeholder:font-sans placeholder:text-ink-3 touch:h-10 touch:text-lg"
          />
          {isOpen ? null : <Kbd className="max-md:hidden">/</Kbd>}
          {q === '' ? null : (
            <Button className="touch:h-10" size="sm" variant="quiet" onClick={() => onChange('')}>
              <X aria-hidden /> Clear
            </Button>
          )}
        </div>
        <ul
          id={`${id}-list`}
          role="listbox"
          aria-label="Suggestions"
          className={cn(
            'absolute top-full left-0 z-30 mt-1 max-h-80 w-[min(520px,100%)] overflow-y-auto rounded-lg border border-line bg-panel p-1',
            !shows && 'hidden',
          )}
        >
          {options.map((option, index) => (
            <li
              key={`${option.label}-${index}`}
              id={`${id}-${index}`}
              role="option"
              aria-selected={index === active}
              // The caret must stay in the field while an option is pressed.
              onPointerDown={(event) => event.preventDefault()}
              onClick={() => choose(option)}
              onPointerMove={() => setActive(index)}
              className={cn(
                'flex cursor-default items-baseline gap-2.5 rounded-[5px] px-2 py-1 touch:py-3',
                index === active && 'bg-raised',
              )}
            >
              <span className="shrink-0 font-mono text-sm">{option.label}</span>
              {option.detail === null ? null : (
                <span className="truncate text-ink-3">{option.detail}</span>
              )}
            </li>
          ))}
        </ul>
      </div>
      <div aria-live="polite" id={`${id}-problem`}>
        {problem === null ? null : (
          <p className="px-2.5 pt-1 text-failure">
            {problem.message} <span className="text-ink-2">{placeOf(draft, problem.position)}</span>
          </p>
        )}
      </div>
    </div>
  );
}

function placeOf(text: string, position: number): string {
  if (position >= text.length) return 'At the end of the filter.';
  const rest = text.slice(position);
  const word = /^\S{1,30}/.exec(rest)?.[0] ?? rest.slice(0, 10);
  return `At character ${position + 1}, “${word}”.`;
}

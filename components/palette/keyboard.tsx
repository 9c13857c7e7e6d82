'use client';

import { useEffect, useState } from 'react';
import { setPaletteOpen } from '@/components/layout/palette-store.ts';
import { useGo } from '@/components/live/use-go.ts';
import { clusterPath } from '@/components/live/paths.ts';
import { Dialog, DialogContent } from '@/components/ui/dialog.tsx';
import { Kbd } from '@/components/ui/kbd.tsx';
import { meaningOf, SHORTCUTS } from './keys.ts';

const SECOND_KEY_MS = 1200;

function isField(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  return (
    target.isContentEditable ||
    target.closest('input,textarea,select,[role=dialog],[role=menu],[role=listbox]') !== null
  );
}

function moveRow(step: 1 | -1): void {
  const links = [...document.querySelectorAll<HTMLElement>('[data-row-link]')];
  const at = links.findIndex((link) => link === document.activeElement);
  const next = links[at < 0 ? 0 : at + step];
  next?.focus();
  next?.scrollIntoView({ block: 'nearest' });
}

/** The keys of every page of a cluster, and the help that lists them. */
export function Keyboard({ cluster }: { cluster: string }) {
  const go = useGo();
  const [helpOpen, setHelpOpen] = useState(false);
  useEffect(() => {
    let after: { key: string; at: number } | null = null;
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.defaultPrevented) return;
      const fresh = after !== null && event.timeStamp - after.at < SECOND_KEY_MS ? after.key : null;
      after = null;
      const meaning = meaningOf(
        {
          key: event.key,
          meta: event.metaKey,
          ctrl: event.ctrlKey,
          alt: event.altKey,
          inField: isField(event.target),
        },
        fresh,
      );
      if (meaning.type === 'none') return;
      if (meaning.type === 'leave') {
        if (document.activeElement instanceof HTMLElement) document.activeElement.blur();
        return;
      }
      if (meaning.type === 'wait-for-page') {
        after = { key: 'g', at: event.timeStamp };
        return;
      }
      event.preventDefault();
      if (meaning.type === 'palette') setPaletteOpen(true);
      else if (meaning.type === 'help') setHelpOpen(true);
      else if (meaning.type === 'row') moveRow(meaning.step);
      else if (meaning.type === 'go') go(clusterPath(cluster, meaning.path));
      else {
        const input = document.querySelector<HTMLElement>('[data-filter-input]');
        if (input === null) go(clusterPath(cluster, 'tasks'));
        else input.focus();
      }
    };
    document.addEventListener('keydown', onKeyDown);
    return () => document.removeEventListener('keydown', onKeyDown);
  }, [cluster, go]);
  return (
    <Dialog open={helpOpen} onOpenChange={setHelpOpen}>
      <DialogContent title="Keyboard" className="w-[min(420px,calc(100vw-24px))]">
        <dl className="grid grid-cols-[88px_1fr] gap-y-2">
          {SHORTCUTS.map(({ keys, words }) => (
            <div key={keys} className="contents">
              <dt>
                <Kbd className="text-ink">{keys}</Kbd>
              </dt>
              <dd className="text-ink-2">{words}</dd>
            </div>
          ))}
        </dl>
      </DialogContent>
    </Dialog>
  );
}

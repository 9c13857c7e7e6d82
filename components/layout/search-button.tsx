'use client';
import { Search } from 'lucide-react';
import { Button } from '@/components/ui/button.tsx';
import { Kbd } from '@/components/ui/kbd.tsx';
import { setPaletteOpen } from './palette-store.ts';

export function SearchButton() {
  return (
    <Button
      aria-label="Search and commands"
      aria-keyshortcuts="Meta+K Control+K"
      onClick={() => setPaletteOpen(true)}
      className="max-md:w-[29px] max-md:px-0 touch:max-md:w-10"
    >
      <Search aria-hidden className="md:hidden" />
      <span className="max-md:hidden">Search</span>
      <Kbd className="max-md:hidden">⌘K</Kbd>
    </Button>
  );
}

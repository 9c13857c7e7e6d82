'use client';
import { ArrowLeft } from 'lucide-react';
import Link from 'next/link';
import type { ReactNode } from 'react';
import { clusterPath } from '@/components/live/paths.ts';
import { useNow, useTimeZone } from '@/components/live/time-zone.ts';
import { useSession } from '@/components/live/use-session.ts';
import { Button } from '@/components/ui/button.tsx';
import { Section } from '@/components/ui/card.tsx';
import { formatDateTime } from '@/lib/format/time.ts';
import { Mark } from './mark.tsx';
import { THEMES, useThemeChoice } from './theme-switch.tsx';

/** What this browser keeps for itself, and what runs here. */
export function SettingsPage() {
  const [theme, setTheme] = useThemeChoice();
  const { zone, setZone } = useTimeZone();
  const now = useNow();
  const { session } = useSession();
  return (
    <main id="main" className="mx-auto grid max-w-2xl gap-3.5 px-3.5 py-6">
      <header className="flex items-center gap-2.5">
        <Mark />
        <h1 className="text-lg font-[620]">Settings</h1>
        <Button asChild className="ml-auto">
          <Link href={session === undefined ? '/' : clusterPath(session.defaultCluster)}>
            <ArrowLeft aria-hidden />
            Back to {session?.defaultCluster ?? 'the cluster'}
          </Link>
        </Button>
      </header>
      <Section title="Look" sub="kept in this browser">
        <Row label="Theme">
          <Choice
            label="Theme"
            value={theme}
            options={THEMES.map((one) => ({ value: one.value, label: one.label }))}
            onChange={setTheme}
          />
        </Row>
        <Row label="Times">
          <Choice
            label="Time zone"
            value={zone}
            options={[
              { value: 'local', label: 'Browser' },
              { value: 'utc', label: 'UTC' },
            ]}
            onChange={(next) => setZone(next === 'utc' ? 'utc' : 'local')}
          />
          <span className="text-ink-3 tnum">
            {now === null ? '\u00a0' : formatDateTime(now, zone)}
          </span>
        </Row>
      </Section>
      <Section title="About">
        <Row label="Version">
          <span className="tnum">
            {session === undefined ? '\u00a0' : `Umbel ${session.version}`}
          </span>
        </Row>
        <Row label="Signed in as">{session?.user ?? 'nobody: this dashboard does not ask'}</Row>
        <Row label="Commands">
          {session === undefined
            ? '\u00a0'
            : session.readOnly
              ? 'off: the dashboard runs read-only'
              : 'on'}
        </Row>
        <Row label="Clusters">
          {session?.clusters.map((name) => (
            <Link key={name} href={clusterPath(name)} className="underline decoration-line">
              {name}
            </Link>
          )) ?? '\u00a0'}
        </Row>
      </Section>
    </main>
  );
}

function Row({ label, children }: { label: string; children: ReactNode }) {
  return (
    <div className="flex min-h-11 flex-wrap items-center gap-x-3 gap-y-1 border-t border-line px-3.5 py-2 first:border-t-0">
      <span className="w-28 text-ink-2">{label}</span>
      {children}
    </div>
  );
}

function Choice({
  label,
  value,
  options,
  onChange,
}: {
  label: string;
  value: string;
  options: readonly { value: string; label: string }[];
  onChange: (next: string) => void;
}) {
  return (
    <div role="radiogroup" aria-label={label} className="flex gap-1">
      {options.map((option) => (
        <label
          key={option.value}
          className="flex h-[29px] cursor-pointer items-center rounded-md border border-transparent px-2.5 font-medium text-ink-2 has-checked:border-line has-checked:bg-raised has-checked:text-ink has-focus-visible:outline-2 has-focus-visible:outline-focus touch:h-10"
        >
          <input
            type="radio"
            name={label}
            value={option.value}
            checked={value === option.value}
            onChange={() => onChange(option.value)}
            className="sr-only"
          />
          {option.label}
        </label>
      ))}
    </div>
  );
}

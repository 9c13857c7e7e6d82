// What the demo's beat sends.
import { crontab, every, type BeatEntry } from '../beat/beat.ts';
import { TEXTS } from './texts.ts';

export const SCHEDULE: Readonly<Record<string, BeatEntry>> = {
  'count-words': {
    task: 'reports.word_count',
    schedule: every(10),
    args: [TEXTS[0]],
    options: { headers: { periodic_task_name: 'count-words' } },
  },
  'sync-stock': {
    task: 'shop.stock.sync',
    schedule: every(20),
    args: ['warehouse-north', 0],
    options: { headers: { periodic_task_name: 'sync-stock' } },
  },
  'clean-up': {
    task: 'system.clean_up',
    schedule: crontab({ minute: '*/5' }),
    args: [30],
    options: { headers: { periodic_task_name: 'clean-up' } },
  },
};

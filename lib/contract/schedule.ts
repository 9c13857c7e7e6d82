import { z } from 'zod';
import { taskState } from './task.ts';

/** One entry of `beat_schedule`. */
export const scheduleEntry = z.object({
  name: z.string(),
  task: z.string().nullable().describe('Name of the task; null when the entry names none'),
  kind: z.enum(['interval', 'crontab', 'other']),
  everyMs: z.number().nullable().describe('Of an interval'),
  when: z
    .string()
    .describe("A crontab's five fields in cron's order, or how the configuration words it"),
  timezone: z.string().nullable().describe('In which a crontab is read; null when it was not told'),
  args: z.string().nullable().describe('As Python writes them'),
  kwargs: z.string().nullable(),
  queue: z.string().nullable().describe('Null: where the routes lead'),
  priority: z.number().nullable(),
  source: z.number().describe('Index into `sources`'),
  lastTask: z
    .object({
      id: z.string(),
      state: taskState,
      customState: z.string().nullable(),
      at: z.number().describe('Sent, or else received or first heard of'),
    })
    .nullable()
    .describe('The newest known task of this type, whoever sent it'),
  expectedAt: z
    .number()
    .nullable()
    .describe('When beat should send it next, at the latest; null when it cannot be told'),
  isOverdue: z
    .boolean()
    .nullable()
    .describe('Nothing of this type was seen when beat should have sent it; null: cannot be told'),
  reason: z.string().nullable().describe('Why it is overdue, or cannot be told'),
});
export type ScheduleEntry = z.infer<typeof scheduleEntry>;

/** Who told a schedule: the app that Umbel was started with, or a worker's configuration. */
export const scheduleSource = z.object({
  kind: z.enum(['app', 'worker']),
  name: z.string().describe('The module of the app, or the hostname of the worker'),
  others: z.number().describe('So many more workers tell the same'),
  readAt: z.number().nullable(),
});
export type ScheduleSource = z.infer<typeof scheduleSource>;

export const scheduleList = z.object({
  items: z.array(scheduleEntry),
  sources: z.array(scheduleSource),
  total: z.number().describe('Entries that are known; `items` has at most 500 of them'),
  at: z.number(),
});
export type ScheduleList = z.infer<typeof scheduleList>;

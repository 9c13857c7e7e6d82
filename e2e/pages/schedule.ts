import type { Page } from '@playwright/test';

export const schedule = (page: Page) => {
  const table = page.getByRole('table', { name: 'Entries of the beat schedule' });
  return {
    table,
    row: (name: string) =>
      table.getByRole('row').filter({ has: page.getByRole('link', { name, exact: true }) }),
    link: (name: string) => table.getByRole('link', { name, exact: true }),
    filter: page.getByRole('searchbox', { name: 'Filter entries' }),
    reset: page.getByRole('button', { name: 'Reset the filter' }),
    tooltip: page.getByRole('tooltip'),
  };
};

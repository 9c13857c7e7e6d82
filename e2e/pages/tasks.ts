import type { Page } from '@playwright/test';

export const tasks = (page: Page) => {
  const region = page.getByRole('region', { name: 'Tasks', exact: true });
  const table = page.getByRole('table', { name: 'Tasks' });
  const counts = page.getByRole('complementary', { name: 'Counts' });
  const filterBar = page.getByRole('search', { name: 'Filter tasks' });
  return {
    region,
    table,
    rows: table.getByRole('row').filter({ has: page.getByRole('cell') }),
    row: (text: string | RegExp) => table.getByRole('row').filter({ hasText: text }),
    links: table.locator('[data-row-link]'),
    total: (count: number) => region.getByText(new RegExp(`^${count} tasks?(?: |$)`)),
    filter: page.getByRole('combobox', { name: 'Filter', exact: true }),
    filterBar,
    suggestion: (name: string | RegExp) =>
      page.getByRole('listbox', { name: 'Suggestions' }).getByRole('option', { name }),
    chip: (text: string) => filterBar.getByRole('button', { name: `Edit ${text}`, exact: true }),
    removeChip: (text: string) =>
      filterBar.getByRole('button', { name: `Remove ${text}`, exact: true }),
    clear: filterBar.getByRole('button', { name: 'Clear' }),
    problem: filterBar.locator('p'),
    news: region.getByRole('button', { name: /\d (new|changed)/ }),
    counts,
    facet: (group: string, name: string | RegExp) =>
      counts.getByRole('group', { name: group }).getByRole('button', { name }),
    header: (name: string) => table.getByRole('columnheader', { name, exact: true }),
    sort: (name: string) =>
      table.getByRole('columnheader', { name, exact: true }).getByRole('button'),
    columns: region.getByRole('button', { name: 'Columns' }),
    column: (name: string) => page.getByRole('menuitemcheckbox', { name, exact: true }),
    range: page.getByRole('combobox', { name: 'Time range' }),
    option: (name: string) => page.getByRole('option', { name }),
    next: region.getByRole('button', { name: 'Next page' }),
    first: region.getByRole('button', { name: 'First page' }),
    reset: region.getByRole('button', { name: 'Show all tasks' }),
    select: (text: string | RegExp) =>
      table.getByRole('row').filter({ hasText: text }).getByRole('checkbox'),
    action: (name: string | RegExp) => region.getByRole('button', { name }),
  };
};

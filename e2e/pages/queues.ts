import type { Page } from '@playwright/test';

export const queues = (page: Page) => {
  const table = page.getByRole('table', { name: 'Queues' });
  return {
    table,
    row: (name: string) =>
      table.getByRole('row').filter({ has: page.getByRole('link', { name, exact: true }) }),
    link: (name: string) => table.getByRole('link', { name, exact: true }),
    filter: page.getByRole('searchbox', { name: 'Filter queues' }),
    reset: page.getByRole('button', { name: 'Reset the filter' }),
  };
};

export const queue = (page: Page) => {
  const section = (name: string) => page.getByRole('region', { name });
  return {
    figures: section('Figures'),
    chart: page.getByRole('figure', { name: /^Messages over time/ }),
    priorities: section('By priority').getByRole('listitem'),
    consumers: section('Consumers'),
    bindings: section('Bindings'),
    waiting: section('Waiting messages').getByRole('row'),
    whichEnd: page.getByRole('combobox', { name: 'Which end of the queue' }),
    option: (name: string) => page.getByRole('option', { name }),
    itsTasks: page.getByRole('link', { name: 'Its tasks' }),
  };
};

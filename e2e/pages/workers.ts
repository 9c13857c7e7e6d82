import { expect, type Page } from '@playwright/test';
import { shell } from './shell.ts';

export const workers = (page: Page) => {
  const table = page.getByRole('table', { name: 'Workers' });
  return {
    table,
    row: (hostname: string) => table.getByRole('row').filter({ hasText: hostname }),
    rows: table.getByRole('row').filter({ has: page.getByRole('cell') }),
    filter: page.getByRole('searchbox', { name: 'Filter workers' }),
    state: (name: string) =>
      page
        .getByRole('group', { name: 'State' })
        .getByRole('button', { name: new RegExp(`^${name}`) }),
    group: page.getByRole('switch', { name: 'Group by hostname pattern' }),
    forget: page.getByRole('button', { name: /^Forget/ }),
  };
};

export const worker = (page: Page) => ({
  tab: (name: string) =>
    page.getByRole('tablist', { name: 'Parts of the worker' }).getByRole('tab', {
      name: new RegExp(`^${name}`),
    }),
  pane: page.getByRole('tabpanel'),
  actions: page.getByRole('button', { name: 'Actions' }),
  action: (name: string) => page.getByRole('menuitem', { name: new RegExp(`^${name}`) }),
  enableEvents: page.getByRole('button', { name: 'Enable events' }),
  askNow: page.getByRole('button', { name: 'Inspect now' }),
});

/** Fills in the form of a worker's command, sends it, and reads the worker's own words. */
export async function order(
  page: Page,
  action: string,
  fields: Record<string, string>,
  button: string,
  words: string,
): Promise<void> {
  const { dialog, answers } = shell(page);
  await worker(page).actions.click();
  await worker(page).action(action).click();
  for (const [label, value] of Object.entries(fields)) {
    await dialog.getByLabel(label, { exact: true }).fill(value);
  }
  await dialog.getByRole('button', { name: button, exact: true }).click();
  await expect(answers).toContainText(words);
  await dialog.getByRole('button', { name: 'Close' }).last().click();
}

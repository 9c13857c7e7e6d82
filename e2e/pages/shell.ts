import type { Page } from '@playwright/test';

/** What every page of a cluster has. */
export const shell = (page: Page) => ({
  heading: page.getByRole('heading', { level: 1 }),
  live: page.getByRole('button', { name: /(pause|resume) updates/ }),
  search: page.getByRole('button', { name: 'Search and commands' }),
  palette: page.getByRole('dialog', { name: 'Search and commands' }),
  help: page.getByRole('dialog', { name: 'Keyboard' }),
  nav: (name: string) =>
    page.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name: new RegExp(name) }),
  toast: (text: string | RegExp) => page.locator('[data-sonner-toast]').filter({ hasText: text }),
  banner: (text: string | RegExp) => page.getByRole('status').filter({ hasText: text }),
  dialog: page.getByRole('dialog'),
  answers: page.getByRole('list', { name: 'Answers of the workers' }),
});

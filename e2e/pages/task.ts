import type { Page } from '@playwright/test';

export const task = (page: Page) => {
  const section = (name: string) => page.getByRole('region', { name, exact: true });
  const state = section('State and attempts');
  return {
    state,
    attempts: page.getByRole('list', { name: 'Attempts, to scale' }).getByRole('listitem'),
    events: section('Events').getByRole('listitem'),
    section,
    positional: page.getByLabel('positional', { exact: true }),
    byKeyword: page.getByLabel('by keyword', { exact: true }),
    traceback: page.getByLabel('Traceback', { exact: true }),
    result: page.locator('pre[aria-label="Result"]'),
    rawSummary: section('Events').getByText('Raw events', { exact: true }),
    raw: page.getByLabel('Raw events as JSON'),
    progress: page.getByRole('progressbar', { name: 'Progress of the task' }),
    retry: page.getByRole('button', { name: 'Retry…' }),
    revoke: page.getByRole('button', { name: 'Revoke…' }),
    readResult: section('Result backend').getByRole('button', { name: 'Read' }),
  };
};

export const revokeDialog = (page: Page) => {
  const dialog = page.getByRole('dialog', { name: /^Revoke/ });
  return {
    dialog,
    terminate: dialog.getByRole('checkbox', { name: /^Terminate/ }),
    signal: dialog.getByRole('combobox', { name: 'Signal' }),
    send: dialog.getByRole('button', { name: /^(Revoke|Terminate)$/ }),
    close: dialog.getByRole('button', { name: 'Close' }).last(),
  };
};

export const retryDialog = (page: Page) => {
  const dialog = page.getByRole('dialog');
  return {
    dialog,
    type: dialog.getByLabel('Task type'),
    args: dialog.getByLabel('Arguments', { exact: true }),
    kwargs: dialog.getByLabel('Keyword arguments'),
    queue: dialog.getByLabel('Queue'),
    priority: dialog.getByRole('textbox', { name: 'Priority' }),
    withoutUnknown: dialog.getByRole('checkbox', { name: /^Send without/ }),
    problem: dialog.getByRole('alert'),
    review: dialog.getByRole('button', { name: 'Review' }),
    send: dialog.getByRole('button', { name: 'Send' }),
    open: dialog.getByRole('link', { name: 'Open the new task' }),
  };
};

import type { Page } from '@playwright/test';

export const overview = (page: Page) => {
  const attention = page.getByRole('region', { name: 'Needs attention' });
  const figures = page.getByRole('region', { name: 'Figures' });
  return {
    attention,
    line: (text: string | RegExp) => attention.getByRole('listitem').filter({ hasText: text }),
    figure: (name: string) => figures.getByRole('link', { name: new RegExp(`^${name}`) }),
    chart: page.getByRole('figure', { name: /^Executed tasks per second/ }),
    wait: page.getByRole('figure', { name: /^Percentiles of wait/ }),
    runtime: page.getByRole('figure', { name: /^Percentiles of runtime/ }),
    hatching: page.locator('figure pattern'),
    hatched: page.locator('figure .recharts-reference-area'),
    queues: page.getByRole('table', { name: /^Queues/ }),
    workers: page.getByRole('table', { name: /^Workers/ }),
    firstSteps: page.getByRole('region', { name: 'Nothing has arrived yet' }),
  };
};

import { expect, it } from 'vitest';
import { freshVhost } from '../../../e2e/fixtures/isolated.ts';
import { Celery } from '../../client/celery.ts';
import { purgeAll } from './purge-command.ts';

it('counts what it removed, and nothing for a queue that is not there yet', async () => {
  const vhost = await freshVhost();
  const app = new Celery('purge', { broker: vhost.url });
  await app.sendTask('tasks.any', [], {}, { queue: 'there' });
  expect(await purgeAll(app, ['absent', 'there'])).toBe(1);
  expect(await purgeAll(app, ['there'])).toBe(0);
  await app.close();
  await vhost.remove();
});

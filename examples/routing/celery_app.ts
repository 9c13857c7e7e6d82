// Where tasks go: by glob, by regular expression, by function, or as the call says.
import { Celery, type RouteFunction } from 'umbel';

const byCustomer: RouteFunction = (_name, args) =>
  args[0] === 'vip' ? { queue: 'high_priority', priority: 0 } : null;

const broker = process.env['BROKER'] ?? 'redis://localhost:6379/0';

export const app = new Celery('routing', {
  broker,
  backend: process.env['BACKEND'] ?? broker,
  taskRoutes: [byCustomer, { 'mail.*': 'mail' }, [/^(video|image)\./, { queue: 'media' }]],
});

const options = { bind: true } as const;
export const order = app.task(
  'shop.order',
  (context, _customer: string) => context.request.deliveryInfo.routingKey,
  options,
);
export const send = app.task(
  'mail.send',
  (context, _to: string) => context.request.deliveryInfo.routingKey,
  options,
);
export const resize = app.task(
  'image.resize',
  (context, _file: string) => context.request.deliveryInfo.routingKey,
  options,
);

// Tasks that pass on values for which JSON has no type, in every way that a task has.
import { PyDate, PyDecimal, PyFloat, PyTime, PyUuid } from '../../../lib/python/values.ts';
import { signature } from '../../../server/client/canvas.ts';
import { Ignore, PythonError } from '../../../server/client/task-errors.ts';
import type { TaskRegistry } from '../../../server/client/task-types.ts';

const VALUES = [
  new Date(Date.UTC(2040, 0, 2, 3, 4, 5, 678)),
  new PyDecimal('1.10'),
  new PyUuid('12345678-1234-5678-1234-567812345678'),
  new Uint8Array([0xff, 0x00]),
  new PyDate('2040-01-02'),
  new PyTime('03:04:05'),
  new PyFloat(2),
  2n ** 70n,
];

/** What Python says of them. */
export const IN_PYTHON =
  'datetime.datetime(2040, 1, 2, 3, 4, 5, 678000, tzinfo=datetime.timezone.utc), ' +
  "Decimal('1.10'), UUID('12345678-1234-5678-1234-567812345678'), b'\\xff\\x00', " +
  'datetime.date(2040, 1, 2), datetime.time(3, 4, 5), 2.0, 1180591620717411303424';

const describing = () =>
  signature('canvas.describe', VALUES, { kwargs: { deep: [{ all: VALUES }] }, queue: 'celery' });

export function registerTasks(app: TaskRegistry) {
  app.task(
    'typed.retry',
    (context) => {
      const kwargs = { deep: [{ all: VALUES }] };
      const error = new PythonError('ValueError', 'builtins', VALUES as never[]);
      context.retry({ error, countdownMs: 3_600_000, args: VALUES, kwargs });
    },
    { bind: true },
  );
  app.task(
    'typed.state',
    (context) => {
      context.updateState('PROGRESS', { deep: [{ all: VALUES }] });
      throw new Ignore();
    },
    { bind: true },
  );
  app.task('typed.fail', () => {
    throw new PythonError('ValueError', 'builtins', VALUES as never[]);
  });
  app.task('typed.apply', (context) => context.apply(describing()), { bind: true });
  app.task('typed.delay', async () => {
    const link = signature('canvas.describe', VALUES, { queue: 'celery', taskId: 'linked' });
    return (await describing().applyAsync([VALUES[0]], { link })).id;
  });
  app.task('typed.replace', (context) => context.replace(describing()), { bind: true });
  app.task(
    'typed.grow',
    async (context) => {
      await context.addToChord(describing());
      return 'grown';
    },
    { bind: true },
  );
  app.task('typed.unwritable', (context) => context.retry({ args: [new Map([[1, 2]])] }), {
    bind: true,
  });
}

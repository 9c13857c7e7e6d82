import { describe, expect, it } from 'vitest';
import { celeryName } from './celery.ts';

describe('celeryName', () => {
  it('says the minor versions that run, in order', () => {
    expect(celeryName(['py-celery 5.7.0'])).toBe('Celery 5.7');
    expect(celeryName(['py-celery 5.10.1', 'py-celery 5.7.0', 'py-celery 5.7.2'])).toBe(
      'Celery 5.7, 5.10',
    );
  });

  it('leaves out what is not known and keeps the names of others', () => {
    expect(celeryName([])).toBe('Celery');
    expect(celeryName(['py-celery'])).toBe('Celery');
    expect(celeryName(['umbel 0.1.0'])).toBe('umbel');
  });
});

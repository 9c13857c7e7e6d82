// Names as Celery writes them: `time_limit` for `timeLimitMs`. What is milliseconds here is seconds there.

type Snake<S extends string> = S extends `${infer First}${infer Rest}`
  ? `${First extends Lowercase<First> ? First : `_${Lowercase<First>}`}${Snake<Rest>}`
  : '';
export type CeleryName<K extends string> = K extends `${infer Base}Ms` ? Snake<Base> : Snake<K>;

/** The same under Celery's own names, in Celery's units. */
export type InCelery<T> = { [K in keyof T & string as CeleryName<K>]?: T[K] };

export function celeryName(key: string): string {
  return key.replace(/Ms$/, '').replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/** A value given under the name `given` as it is kept under the name `key`. */
export function inOurUnits(given: string, key: string, value: unknown): unknown {
  const isSeconds = given !== key && key.endsWith('Ms') && typeof value === 'number';
  return isSeconds ? value * 1000 : value;
}

// Stamps whose tasks are revoked (revoke_by_stamped_headers): a task is dropped when one of its stamps is among them.
import type { PyDict, PyValue } from '../../lib/python/values.ts';
import type { HeldRequest } from './request.ts';

export class RevokedStamps {
  readonly #stamps = new Map<string, Set<PyValue>>();

  add(headers: PyDict): void {
    for (const [name, stamps] of Object.entries(headers)) {
      const known = this.#stamps.get(name) ?? new Set<PyValue>();
      for (const stamp of listOf(stamps)) known.add(stamp);
      this.#stamps.set(name, known);
    }
  }

  has({ message }: HeldRequest): boolean {
    if (this.#stamps.size === 0) return false;
    return Object.entries(message.stamps).some(([name, stamps]) => {
      const known = this.#stamps.get(name);
      return known !== undefined && listOf(stamps).some((stamp) => known.has(stamp));
    });
  }
}

function listOf(value: PyValue): PyValue[] {
  return Array.isArray(value) ? value : [value];
}

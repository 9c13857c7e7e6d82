// A double-ended queue: messages leave at the front, arrive at the back, and come back to the front when they are restored.

export class Deque<T> {
  #items: T[] = [];
  #head = 0;

  get size(): number {
    return this.#items.length - this.#head;
  }

  pushBack(item: T): void {
    this.#items.push(item);
  }

  pushFront(item: T): void {
    if (this.#head === 0) {
      this.#items.unshift(item);
      return;
    }
    this.#head -= 1;
    this.#items[this.#head] = item;
  }

  takeFront(): T | undefined {
    if (this.size === 0) return undefined;
    const item = this.#items[this.#head];
    this.#head += 1;
    if (this.#head > 1024 && this.#head * 2 > this.#items.length) {
      this.#items = this.#items.slice(this.#head);
      this.#head = 0;
    }
    return item;
  }

  /** Up to `limit` items from the front, in order; they stay. */
  fromFront(limit: number): T[] {
    return this.#items.slice(this.#head, this.#head + limit);
  }

  /** Up to `limit` items, the last one first; they stay. */
  fromBack(limit: number): T[] {
    return this.#items.slice(Math.max(this.#head, this.#items.length - limit)).reverse();
  }

  clear(): T[] {
    const items = this.#items.slice(this.#head);
    this.#items = [];
    this.#head = 0;
    return items;
  }
}

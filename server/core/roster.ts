// Who is present, where thousands come and go each second. A Map or a Set would hold them to the end: V8 makes a new table for every so many
// changes and lets the old one point to it, so once a table has grown old, all later ones and whatever is in them stay until a full collection.

export type Member = {
  /** Where it stands in its roster; the roster's business alone. -1: in none. */
  place: number;
};

/** A member is in one roster at most. The order is nobody's: who leaves is replaced by the last. */
export class Roster<T extends Member> {
  readonly #members: T[] = [];

  get size(): number {
    return this.#members.length;
  }

  add(member: T): void {
    if (member.place >= 0) return;
    member.place = this.#members.length;
    this.#members.push(member);
  }

  /** False when it was not present. */
  delete(member: T): boolean {
    const { place } = member;
    if (this.#members[place] !== member) return false;
    const last = this.#members.pop();
    if (last !== undefined && last !== member) {
      this.#members[place] = last;
      last.place = place;
    }
    member.place = -1;
    return true;
  }

  find(isMeant: (member: T) => boolean): T | undefined {
    return this.#members.find(isMeant);
  }

  [Symbol.iterator](): IterableIterator<T> {
    return this.#members.values();
  }
}

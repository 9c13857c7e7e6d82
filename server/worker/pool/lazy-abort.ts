// An abort signal that is made when somebody looks at it: few tasks do.

export class LazyAbort {
  #controller: AbortController | null = null;
  #reason: { error: Error } | null = null;

  get signal(): AbortSignal {
    if (this.#controller === null) {
      this.#controller = new AbortController();
      if (this.#reason !== null) this.#controller.abort(this.#reason.error);
    }
    return this.#controller.signal;
  }

  abort(error: Error): void {
    this.#reason ??= { error };
    this.#controller?.abort(error);
  }
}

// How attention lines say numbers.

export function percent(share: number): string {
  return `${Math.round(share * 1000) / 10} %`;
}

export function rate(perSecond: number | null): string {
  return perSecond === null ? 'unknown' : `${Math.round(perSecond * 10) / 10}/s`;
}

/** A reason, whoever gave it, as a sentence that others can follow. */
export function sentence(text: string): string {
  return /[.!?…]$/.test(text) ? text : `${text}.`;
}

export function plural(count: number, noun: string): string {
  return `${count.toLocaleString('en-US')} ${noun}${count === 1 ? '' : 's'}`;
}

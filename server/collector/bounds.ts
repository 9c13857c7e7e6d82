// How much of what strangers send is kept. Every text that enters the fold is cut here; a cut copy never keeps the long
// original alive (V8 slices share memory).

export const MAX_ID_CHARS = 512;
export const MAX_NAME_CHARS = 512;
/** args, kwargs, result, exception. Workers shorten to about 1,000 characters; messages and inspect do not. */
export const MAX_TEXT_CHARS = 4096;
export const MAX_TRACEBACK_CHARS = 16_384;
/** An attempt's exception in the timeline, when a later attempt replaced it. */
export const MAX_FACT_TEXT_CHARS = 1024;
/** All fields of a custom event together, as JSON. */
export const MAX_FIELDS_CHARS = 2048;
export const MAX_SAMPLE_CHARS = 300;

/** At most `max` characters, as a copy of its own; never half a surrogate pair: addresses and UTF-8 cannot carry one. */
export function cutText(text: string, max: number): string {
  if (text.length <= max) return text.toWellFormed();
  const last = text.charCodeAt(max - 1);
  const end = last >= 0xd800 && last <= 0xdbff ? max - 1 : max;
  return Buffer.from(text.slice(0, end).toWellFormed(), 'utf16le').toString('utf16le');
}

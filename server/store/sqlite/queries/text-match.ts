// Text tests that SQL calls: substrings in any case, and patterns with * and ?, in time linear in text × pattern.

/** A test of whole texts against a pattern, in any case. */
export function patternTest(pattern: string): (text: string) => boolean {
  const wanted = pattern.toLowerCase();
  return (text) => isMatch(text.toLowerCase(), wanted);
}

function isMatch(text: string, pattern: string): boolean {
  let at = 0;
  let want = 0;
  let star = -1;
  let resume = 0;
  while (at < text.length) {
    const char = pattern.charAt(want);
    if (char === '*') {
      star = want;
      resume = at;
      want += 1;
    } else if (want < pattern.length && (char === '?' || char === text.charAt(at))) {
      at += 1;
      want += 1;
    } else if (star >= 0) {
      resume += 1;
      at = resume;
      want = star + 1;
    } else {
      return false;
    }
  }
  while (pattern.charAt(want) === '*') want += 1;
  return want === pattern.length;
}

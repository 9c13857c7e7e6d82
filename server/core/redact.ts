// Keeps credentials out of what people see: the password of a URL, and query values that are secrets.

const SECRET_QUERY = /([?&;](?:\w*password|passwd|pass|token|secret)=)[^&;]*/gi;

/** `redis://user:secret@h/0` becomes `redis://user:***@h/0`; several URLs separated by `;` or `,` are handled each. */
export function redactUrl(url: string): string {
  return url
    .replace(/(\w[\w+.-]*:\/\/)([^\s/?#;,]*)@/g, (_match, scheme: string, credentials: string) => {
      const colon = credentials.indexOf(':');
      if (colon === -1) return `${scheme}${credentials}@`;
      return `${scheme}${credentials.slice(0, colon)}:***@`;
    })
    .replace(SECRET_QUERY, '$1***');
}

/** Of an address that cannot be read, where its password begins and ends is not known: everything from the first colon to the last `@` is hidden. */
export function redactBrokenUrl(url: string): string {
  const match = /^(\w[\w+.-]*:\/\/[^\s:@/]*):(?:.*(@))?/s.exec(url);
  if (match === null) return redactUrl(url);
  const [known = '', start = '', at] = match;
  return at === undefined ? `${start}:***` : redactUrl(`${start}:***@${url.slice(known.length)}`);
}

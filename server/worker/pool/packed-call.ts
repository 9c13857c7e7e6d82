// What a running task sends, as it travels to the worker: as JSON, since cloning strips the classes of values.
import { isPyDict, type PyDict, type PyValue } from '../../../lib/python/values.ts';
import { decodeKombuJson, encodeKombuJson } from '../../celery/codec/kombu-json.ts';
import { listOrEmpty, toPyValue } from '../../celery/fields.ts';
import { encodeSignature, type Signature } from '../../celery/signature.ts';
import { signatureList, type ApplyOptions } from '../../client/apply-options.ts';
import { readSignature, signaturesOf } from '../../client/canvas-algebra.ts';

export type Call = { signature: Signature; args: PyValue[]; options: ApplyOptions };

/** Throws a TypeError for values that cannot be written. */
export function packCall({ signature, args, options }: Call): string {
  const { link, linkError, chord, chain, ...rest } = options;
  const many = (value: Signature | Signature[] | undefined) =>
    (signatureList(value) ?? []).map(encodeSignature);
  return encodeKombuJson({
    signature: encodeSignature(signature),
    args,
    options: toPyValue(Object.fromEntries(Object.entries(rest).filter(isGiven))),
    link: many(link),
    linkError: many(linkError),
    chord: many(chord),
    chain: many(chain),
  });
}

function isGiven([, value]: [string, unknown]): boolean {
  return value !== undefined;
}

export function unpackCall(json: string): Call {
  const value = valueOf(json);
  const call = isPyDict(value) ? value : {};
  const options = (isPyDict(call['options']) ? call['options'] : {}) as ApplyOptions;
  const put = (key: 'link' | 'linkError' | 'chain') => {
    const signatures = signaturesOf(call[key]);
    if (signatures.length > 0) options[key] = signatures;
  };
  put('link');
  put('linkError');
  put('chain');
  const [chord] = signaturesOf(call['chord']);
  if (chord !== undefined) options.chord = chord;
  const signature = readSignature(call['signature']);
  return { signature, args: listOrEmpty(call['args']), options };
}

export function packSignature(signature: Signature): string {
  return encodeKombuJson(encodeSignature(signature));
}

export function unpackSignature(json: string): Signature {
  return readSignature(valueOf(json));
}

export function packSignatures(signatures: readonly Signature[]): string {
  return encodeKombuJson(signatures.map(encodeSignature));
}

export function unpackSignatures(json: string): Signature[] {
  return signaturesOf(valueOf(json));
}

/** Any value that a task tells. */
export function packValue(value: PyValue): string {
  return encodeKombuJson(value);
}

export function unpackValue(json: string): PyValue {
  return valueOf(json);
}

export function unpackFields(json: string): PyDict {
  const value = valueOf(json);
  return isPyDict(value) ? value : {};
}

function valueOf(json: string): PyValue {
  const decoded = decodeKombuJson(json);
  return decoded.ok ? decoded.value : null;
}

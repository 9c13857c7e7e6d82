// What a message seen in the broker tells beside its arguments, as a retry offers it again. Values under redacted keys are
// not kept; nor are parts that are too large.
import type { PyDict } from '../../lib/python/values.ts';
import { encodeKombuJson } from '../celery/codec/kombu-json.ts';
import type { TaskMessage } from '../celery/message.ts';
import { encodeSignature, type Signature } from '../celery/signature.ts';
import type { MessageParts } from '../store/task-record.ts';

const MAX_PARTS_CHARS = 64 * 1024;

const SERIALIZERS: Readonly<Record<string, string>> = {
  'application/json': 'json',
  'application/x-yaml': 'yaml',
  'application/x-msgpack': 'msgpack',
};

/** JSON of `MessageParts`; null when it could not be kept exactly. */
export function messagePartsText(
  message: TaskMessage,
  redact: (text: string) => string,
): string | null {
  const { embed } = message;
  if (embed === null) return null;
  try {
    const parts: MessageParts = {
      customHeaders: dictText(message.customHeaders),
      callbacks: signaturesText(embed.callbacks),
      errbacks: signaturesText(embed.errbacks),
      chain: signaturesText(embed.chain),
      timeLimit: message.timeLimit,
      serializer: SERIALIZERS[message.contentType] ?? message.contentType.slice(0, 100),
      chordMember: embed.chord !== null,
    };
    const kept = [parts.customHeaders, parts.callbacks, parts.errbacks, parts.chain];
    if (kept.some((text) => text !== null && redact(text) !== text)) return null;
    const text = JSON.stringify(parts);
    return text.length > MAX_PARTS_CHARS ? null : text;
  } catch {
    return null;
  }
}

function dictText(dict: PyDict): string | null {
  return Object.keys(dict).length === 0 ? null : encodeKombuJson(dict);
}

function signaturesText(signatures: readonly Signature[] | null): string | null {
  if (signatures === null || signatures.length === 0) return null;
  return encodeKombuJson(signatures.map(encodeSignature));
}

// One reader thread of the pool: opens its connection at the first question, then answers one question at a time.
import { answer, toFailure, type Answer, type Asked } from './queries/answer.ts';
import { openConnection, type Connection } from './queries/connection.ts';

let connection: Connection | null = null;

export default function answerInThread(asked: Asked): Answer {
  try {
    connection ??= openConnection(asked.path);
    return answer(connection, asked);
  } catch (error) {
    return toFailure(error);
  }
}

// Errors of the yardstick's tasks, as Python knows them.
import { PythonError } from '../../../server/client/task-errors.ts';
export { ValueError } from '../../../server/client/task-errors.ts';

const MODULE = 't.integration.tasks';

export class ExpectedException extends PythonError {
  constructor(...args: string[]) {
    super('ExpectedException', MODULE, args);
  }
}

/** Cannot be made again from its arguments alone. */
export class UnpickleableException extends PythonError {
  readonly bar: string;

  constructor(foo: string, bar: string) {
    super('UnpickleableException', MODULE, [foo]);
    this.bar = bar;
  }
}

import type { TaskDetail } from '@/lib/contract/task.ts';

function quote(text: string): string {
  return `'${text.replace(/\\/g, '\\\\').replace(/'/g, "\\'").replace(/\n/g, '\\n')}'`;
}

/** The task as a call in Python, with a comment where the arguments are not known exactly. */
export function toPythonCall(
  task: Pick<TaskDetail, 'type' | 'argsText' | 'kwargsText' | 'queue' | 'priority'>,
): string {
  const parts = [quote(task.type ?? 'unknown.task')];
  const missing: string[] = [];
  for (const [name, value] of [
    ['args', task.argsText],
    ['kwargs', task.kwargsText],
  ] as const) {
    const usable = value.fidelity === 'exact' || value.fidelity === 'text';
    if (usable && value.text !== null) parts.push(`${name}=${value.text}`);
    else
      missing.push(
        `# ${name}: ${value.fidelity}${value.text === null ? '' : `, seen as ${value.text.replace(/\n/g, ' ')}`}`,
      );
  }
  if (task.queue !== null) parts.push(`queue=${quote(task.queue)}`);
  if (task.priority !== null) parts.push(`priority=${task.priority}`);
  return [...missing, `app.send_task(${parts.join(', ')})`].join('\n');
}

// How a piscina thread starts: as thread-boot.mjs, then the entry's default export answers the tasks.
import { workerData } from 'piscina';

const { entry } = workerData;
if (entry.endsWith('.ts')) {
  const { register } = await import('tsx/esm/api');
  register();
}
const { default: answer } = await import(entry);
export default answer;

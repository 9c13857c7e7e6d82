// npm run bench [-- part …]: everything by default; `quick` shortens the runs (for trying the bench, not for figures) and
// leaves Flower out. The exit code is 1 when a goal was missed, but for `quick`.
import { measureDelay } from './delay.ts';
import { measureFlower } from './flower.ts';
import { Scores } from './goals.ts';
import { measureHistory } from './history.ts';
import { measureBurst, measureSustained, type Load } from './ingest.ts';
import { measureRuntime } from './runtime.ts';
import { measureStartup } from './startup.ts';

const PARTS = ['startup', 'sustained', 'shapes', 'burst', 'delay', 'history', 'flower', 'runtime'];
const words = process.argv.slice(2);
const quick = words.includes('quick');
const asked = words.filter((word) => word !== 'quick');
const unknown = asked.filter((word) => !PARTS.includes(word));
if (unknown.length > 0) {
  console.error(`unknown part: ${unknown.join(', ')}; there are ${PARTS.join(', ')} and quick`);
  process.exit(2);
}
const wants = (part: string) => asked.length === 0 || asked.includes(part);
const seconds = quick ? 10 : 60;
const shapeSeconds = quick ? 8 : 30;

/** A little above the goal, so that what arrives is not below it. */
const MAIN: Load = { title: '60,000/s', rate: 60_600, seconds, args: [] };
const SHAPES: Load[] = [
  {
    title: '60,000/s, tasks live 1 to 5 s',
    rate: 60_000,
    seconds: shapeSeconds,
    args: ['--life-min', '1000', '--life-max', '5000'],
  },
  {
    title: '40,000/s, 4,000 workers',
    rate: 40_000,
    seconds: shapeSeconds,
    args: ['--workers', '4000'],
  },
  {
    title: '40,000/s, single-event messages',
    rate: 40_000,
    seconds: shapeSeconds,
    args: ['--single'],
  },
  {
    title: '20,000/s, 2 KB payloads',
    rate: 20_000,
    seconds: shapeSeconds,
    args: ['--payload', '2000'],
  },
];

console.log(`Node ${process.version}, ${new Date().toISOString()}${quick ? ', quick' : ''}`);
const scores = new Scores();
if (wants('startup')) await measureStartup(quick ? 2 : 5, scores);
if (wants('sustained')) await measureSustained([MAIN], quick ? 1 : 3, scores);
if (wants('shapes')) await measureSustained(SHAPES, 1, null);
if (wants('burst')) await measureBurst(300_000, quick ? 1 : 3, scores);
if (wants('delay')) await measureDelay(5000, quick ? 20 : 60, scores);
if (wants('history')) await measureHistory(quick ? 100_000 : 1_000_000, scores);
if (quick ? asked.includes('flower') : wants('flower')) await measureFlower();
if (wants('runtime')) await measureRuntime(quick, scores);
if (!scores.summarize() && !quick) process.exitCode = 1;

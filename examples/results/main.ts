// Reads results from the database, by the handle and by id.
import { group } from 'umbel';
import { app, forgetful, greet } from './celery_app.ts';

const timeoutMs = 30_000;

const sent = await greet.delay('Ada');
console.log(await sent.get({ timeoutMs }));
const meta = await app.result(sent.id).meta();
console.log(meta?.extended?.name, meta?.extended?.args);

const ignored = await forgetful.delay();
const both = await group([greet.s('Bela'), greet.s('Chiyo')]).delay();
await both.save();
const found = await app.restoreGroup<{ text: string }[]>(both.id);
console.log((await found?.get({ timeoutMs }))?.map(({ text }) => text).join(' '));
console.log('of the ignored one:', await ignored.meta());

await app.close();

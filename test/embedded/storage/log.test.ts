import { copyFileSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { createLog, openLog } from '../../../embedded-mongodb/storage/log-file.ts';

/** Every how many bytes one is changed; 1 takes a minute. */
const STRIDE = Number(process.env['EMBEDDED_FLIP_STRIDE'] ?? 11);

let folder: string;
let path: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'log-'));
  path = join(folder, 'data.log');
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

const payload = (i: number): string => `entry ${i} ${'.'.repeat((i * 31) % 90)}`;

/** Writes frames, and two more that are on disk or not; answers with the file as a crash may leave it. */
async function written(frames: number, unconfirmed = 0): Promise<Buffer> {
  const log = await createLog(path);
  for (let i = 0; i < frames; i++) {
    await log.append([Buffer.from(payload(i))]);
    await log.sync();
  }
  for (let i = frames; i < frames + unconfirmed; i++) await log.append([Buffer.from(payload(i))]);
  const bytes = readFileSync(path);
  await log.close();
  return bytes;
}

/** The payloads that a log gives, or the reason it is refused. */
async function reading(bytes: Buffer): Promise<string[] | string> {
  writeFileSync(path, bytes);
  const payloads: string[] = [];
  try {
    const log = await openLog(path, (one) => payloads.push(one.toString()));
    await log.close();
    return payloads;
  } catch (error) {
    expect((error as Error).message).toMatch(/^the data in .* is damaged \(.*\); restore a copy, or .*$/);
    return (error as { reason: string }).reason;
  }
}

const all = (frames: number): string[] => Array.from({ length: frames }, (_, i) => payload(i));

test('whichever byte of a log is changed, it is refused or gives all that was written', async () => {
  const whole = await written(60);
  const outcomes = { refused: 0, whole: 0 };

  for (let at = 0; at < whole.length; at += at < 64 ? 1 : STRIDE) {
    const bent = Buffer.from(whole);
    bent[at] = (bent[at] as number) ^ (1 << (at % 8));
    const result = await reading(bent);
    if (result === 'damaged') outcomes.refused++;
    else {
      expect(result).toEqual(all(60));
      outcomes.whole++;
    }
    // Only the head has bytes that nothing depends on.
    if (at >= 4096) expect(result).toBe('damaged');
  }

  expect(outcomes.refused).toBeGreaterThan(300);
  expect(outcomes.whole).toBeGreaterThan(100);
});

test('a log that was cut anywhere, or had a part left out, put twice or exchanged, is refused', async () => {
  const other = await written(20);
  const whole = await written(20);
  const frameEnds = [4096];
  for (let i = 0; i < 20; i++) frameEnds.push((frameEnds.at(-1) as number) + 12 + payload(i).length);
  const [from, to] = [frameEnds[7] as number, frameEnds[8] as number];

  for (let length = 0; length < whole.length; length += 7)
    expect(await reading(whole.subarray(0, length))).toBe('damaged');
  const without = Buffer.concat([whole.subarray(0, from), whole.subarray(to)]);
  const twice = Buffer.concat([whole.subarray(0, to), whole.subarray(from)]);
  const exchanged = Buffer.from(whole);
  other.copy(exchanged, from, from, to);

  expect(await Promise.resolve(frameEnds.at(-1))).toBe(whole.length);
  for (const bytes of [without, twice, exchanged]) expect(await reading(bytes)).toBe('damaged');
});

test('a last entry that a crash cut off or left unwritten is dropped, and writing goes on in its place', async () => {
  const crashed = await written(5, 1);
  const confirmed = crashed.length - 12 - payload(5).length;

  for (let length = confirmed; length < crashed.length; length++) {
    expect(await reading(crashed.subarray(0, length))).toEqual(all(5));
    const zeroed = Buffer.concat([crashed.subarray(0, length), Buffer.alloc(crashed.length - length + 50)]);
    if (!zeroed.subarray(0, crashed.length).equals(crashed)) expect(await reading(zeroed)).toEqual(all(5));
  }
  expect(await reading(crashed)).toEqual(all(6));

  await reading(crashed.subarray(0, crashed.length - 3));
  const log = await openLog(path, () => {});
  await log.append([Buffer.from('after')]);
  await log.sync();
  await log.close();
  expect(await reading(readFileSync(path))).toEqual([...all(5), 'after']);
});

test('what a log says is on disk is what was on disk: a copy taken after each sync is whole', async () => {
  const log = await createLog(path);
  for (let i = 0; i < 30; i++) {
    await log.append([Buffer.from(payload(i))]);
    await log.sync();
    copyFileSync(path, `${path}.copy`);
    const copied = readFileSync(`${path}.copy`);
    expect(copied.length).toBe(statSync(path).size);
    for (const slot of [512, 1024]) {
      // Either note may be lost; the other is at most one entry behind.
      const bent = Buffer.from(copied);
      bent[slot] = (bent[slot] as number) ^ 0xff;
      const path2 = `${path}.bent`;
      writeFileSync(path2, bent);
      let count = 0;
      await (await openLog(path2, () => count++)).close();
      expect(count).toBe(i + 1);
    }
  }
  await log.close();
});

import { describe, expect, test } from '@jest/globals';
import { toLocal, toUtc, zoneOf } from '../../../embedded-mongodb/query/date-zone.ts';

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
const utc = (text: string) => Date.parse(`${text}Z`);

describe('time zones', () => {
  test('every hour of a year reads as the platform writes it, summer time included', () => {
    for (const name of ['Europe/Paris', 'America/St_Johns', 'Australia/Lord_Howe', 'Asia/Shanghai']) {
      const zone = zoneOf(name);
      const written = new Intl.DateTimeFormat('sv-SE', {
        timeZone: name,
        dateStyle: 'short',
        timeStyle: 'medium',
      });
      for (let at = utc('2024-01-01T00:00:00'); at < utc('2025-01-01T00:00:00'); at += HOUR_MS) {
        const read = new Date(toLocal(at, zone)).toISOString().slice(0, 19).replace('T', ' ');
        if (read !== written.format(at)) expect([name, read]).toEqual([name, written.format(at)]);
      }
    }
  });

  test('a local time goes back to its instant unless the clock shows it twice', () => {
    const zone = zoneOf('Europe/Paris');
    let twice = 0;
    for (let at = utc('2024-01-01T00:00:00'); at < utc('2025-01-01T00:00:00'); at += HOUR_MS) {
      const back = toUtc(toLocal(at, zone), zone);
      if (back !== at) twice++;
      expect([at, at - HOUR_MS]).toContain(back);
    }

    expect(twice).toBe(1);
  });

  test('a time that the clock skips is as much later', () => {
    expect(toUtc(utc('2024-03-31T02:30:00'), zoneOf('Europe/Paris'))).toBe(utc('2024-03-31T01:30:00'));
  });

  test('the first and the last day there are have offsets too', () => {
    const zone = zoneOf('Asia/Shanghai');
    expect([zone(8.64e15), zone(8.64e15 - 1)]).toEqual([8 * HOUR_MS, 8 * HOUR_MS]);
    expect(zone(-8.64e15)).toBe(zone(-8.64e15 + DAY_MS));
  });

  test('offsets are written in three ways', () => {
    expect(['+05:30', '+0530', '-03'].map((name) => zoneOf(name)(0) / HOUR_MS)).toEqual([5.5, 5.5, -3]);
  });
});

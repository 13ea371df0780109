import { ObjectId, Timestamp } from 'bson';
import { date, double, long, type Row, refused, row } from './row.ts';

const at = date('2024-02-29T23:30:15.123Z');
const newYear = date('2021-01-01T12:00:00Z');
const paris = (day: unknown) => ({ date: day, timezone: 'Europe/Paris' });

const PARTS: readonly Row[] = [
  row('year', { $year: at }, 2024),
  row('year in a time zone', { $year: { date: date('2023-12-31T23:30:00Z'), timezone: '+01:00' } }, 2024),
  row('month from 1', { $month: at }, 2),
  row('day in a named time zone', { $dayOfMonth: paris(at) }, 1),
  row('weekday, Sunday is 1', { $dayOfWeek: at }, 5),
  row('day of the year', { $dayOfYear: at }, 60),
  row('hour in UTC', { $hour: at }, 23),
  row('hour in summer time', { $hour: paris(date('2024-07-01T12:00:00Z')) }, 14),
  row('minute', { $minute: at }, 30),
  row('second', { $second: at }, 15),
  row('millisecond', { $millisecond: at }, 123),
  row('week, before the first Sunday 0', { $week: newYear }, 0),
  row('ISO week', { $isoWeek: newYear }, 53),
  row('ISO weekday, Monday is 1', { $isoDayOfWeek: newYear }, 5),
  row('the year of the ISO week', { $isoWeekYear: newYear }, 2020),
  row('of an ObjectId', { $year: new ObjectId('65e000000000000000000000') }, 2024),
  row('of a timestamp', { $year: new Timestamp({ t: 0, i: 1 }) }, 1970),
  row('of null', { $year: null }, null),
  row('of a missing date', { $month: { date: '$none' } }, null),
  row('of a string is refused', { $year: '2024-02-29' }, refused(16006)),
  row('an unknown time zone is refused', { $hour: { date: at, timezone: 'Mars/Base' } }, refused(40485)),
  row(
    'all parts',
    { $dateToParts: { date: at } },
    { year: 2024, month: 2, day: 29, hour: 23, minute: 30, second: 15, millisecond: 123 },
  ),
  row(
    'all ISO parts',
    { $dateToParts: { date: newYear, iso8601: true } },
    { isoWeekYear: 2020, isoWeek: 53, isoDayOfWeek: 5, hour: 12, minute: 0, second: 0, millisecond: 0 },
  ),
  row('null has no parts', { $dateToParts: { date: null } }, null),
];

const MAKING: readonly Row[] = [
  row(
    'from parts',
    { $dateFromParts: { year: 2024, month: 2, day: 29, hour: 12 } },
    date('2024-02-29T12:00:00Z'),
  ),
  row(
    'parts beyond their range carry over',
    { $dateFromParts: { year: 2023, month: 14, day: 1 } },
    date('2024-02-01T00:00:00Z'),
  ),
  row(
    'from parts in a time zone',
    { $dateFromParts: { year: 2024, month: 7, day: 1, timezone: 'Europe/Paris' } },
    date('2024-06-30T22:00:00Z'),
  ),
  row(
    'from ISO parts',
    { $dateFromParts: { isoWeekYear: 2020, isoWeek: 53, isoDayOfWeek: 5 } },
    date('2021-01-01T00:00:00Z'),
  ),
  row('a null part makes null', { $dateFromParts: { year: 2024, month: null } }, null),
  row('from text', { $dateFromString: { dateString: '2024-02-29T12:00:00Z' } }, date('2024-02-29T12:00:00Z')),
  row(
    'from text in a time zone',
    { $dateFromString: { dateString: '2024-07-01T12:00:00', timezone: 'Europe/Paris' } },
    date('2024-07-01T10:00:00Z'),
  ),
  row(
    'from text by a format',
    { $dateFromString: { dateString: '29/02/2024', format: '%d/%m/%Y' } },
    date('2024-02-29T00:00:00Z'),
  ),
  row('other text is refused', { $dateFromString: { dateString: 'tomorrow' } }, refused(241)),
  row('other text gives onError', { $dateFromString: { dateString: 'tomorrow', onError: 'bad' } }, 'bad'),
  row('null gives onNull', { $dateFromString: { dateString: null, onNull: 'none' } }, 'none'),
  row('the usual format', { $dateToString: { date: at } }, '2024-02-29T23:30:15.123Z'),
  row(
    'a format',
    { $dateToString: { date: at, format: '%Y/%m/%d %H:%M:%S.%L day %j' } },
    '2024/02/29 23:30:15.123 day 060',
  ),
  row(
    'a format in a time zone',
    { $dateToString: { ...paris(at), format: '%Y-%m-%d %H:%M %z' } },
    '2024-03-01 00:30 +0100',
  ),
  row('ISO year and week', { $dateToString: { date: newYear, format: '%G-W%V-%u' } }, '2020-W53-5'),
  row('null gives onNull', { $dateToString: { date: '$none', onNull: '-' } }, '-'),
  row('null gives null', { $dateToString: { date: null } }, null),
  row(
    'an unknown mark in a format is refused',
    { $dateToString: { date: at, format: '%n' } },
    refused(18536),
  ),
];

const COUNTING: readonly Row[] = [
  row(
    'a month later, at most its last day',
    { $dateAdd: { startDate: date('2024-01-31'), unit: 'month', amount: 1 } },
    date('2024-02-29'),
  ),
  row(
    'a day later across summer time',
    {
      $dateAdd: { startDate: date('2024-03-30T12:00:00Z'), unit: 'day', amount: 1, timezone: 'Europe/Paris' },
    },
    date('2024-03-31T11:00:00Z'),
  ),
  row(
    'hours later',
    { $dateAdd: { startDate: at, unit: 'hour', amount: long(2) } },
    date('2024-03-01T01:30:15.123Z'),
  ),
  row('an unknown unit is refused', { $dateAdd: { startDate: at, unit: 'age', amount: 1 } }, refused(9)),
  row('an amount is whole', { $dateAdd: { startDate: at, unit: 'day', amount: 1.5 } }, refused(5166405)),
  row('a start is a date', { $dateAdd: { startDate: 'x', unit: 'day', amount: 1 } }, refused(5166403)),
  row('null amount', { $dateAdd: { startDate: at, unit: 'day', amount: null } }, null),
  row(
    'a month earlier',
    { $dateSubtract: { startDate: date('2024-03-31'), unit: 'month', amount: 1 } },
    date('2024-02-29'),
  ),
  row(
    'boundaries of days between',
    {
      $dateDiff: {
        startDate: date('2024-02-28T23:59:00Z'),
        endDate: date('2024-02-29T00:01:00Z'),
        unit: 'day',
      },
    },
    long(1),
  ),
  row(
    'boundaries of years between, backwards',
    { $dateDiff: { startDate: date('2024-01-01'), endDate: date('2022-12-31'), unit: 'year' } },
    long(-2),
  ),
  row(
    'weeks start on the given day',
    {
      $dateDiff: {
        startDate: date('2024-02-25'),
        endDate: date('2024-02-26'),
        unit: 'week',
        startOfWeek: 'monday',
      },
    },
    long(1),
  ),
  row(
    'weeks start on Sunday',
    { $dateDiff: { startDate: date('2024-02-25'), endDate: date('2024-02-26'), unit: 'week' } },
    long(0),
  ),
  row('null end', { $dateDiff: { startDate: at, endDate: null, unit: 'day' } }, null),
  row('an end is a date', { $dateDiff: { startDate: at, endDate: 'x', unit: 'day' } }, refused(5166307)),
  row('the start of the month', { $dateTrunc: { date: at, unit: 'month' } }, date('2024-02-01')),
  row(
    'the start of the day in a time zone',
    { $dateTrunc: { date: at, unit: 'day', timezone: 'Europe/Paris' } },
    date('2024-02-29T23:00:00Z'),
  ),
  row(
    'bins of several hours',
    { $dateTrunc: { date: at, unit: 'hour', binSize: 6 } },
    date('2024-02-29T18:00:00Z'),
  ),
  row(
    'the start of the week',
    { $dateTrunc: { date: at, unit: 'week', startOfWeek: 'monday' } },
    date('2024-02-26'),
  ),
  row('a bin is not empty', { $dateTrunc: { date: at, unit: 'day', binSize: 0 } }, refused(5439018)),
  row('null date', { $dateTrunc: { date: null, unit: 'day' } }, null),
];

const STAMPS: readonly Row[] = [
  row('seconds of a timestamp are a long', { $tsSecond: new Timestamp({ t: 7, i: 3 }) }, long(7)),
  row('null has no seconds', { $tsSecond: '$none' }, null),
  row('a date is no timestamp', { $tsSecond: at }, refused(5687301)),
  row('the counter of a timestamp is a long', { $tsIncrement: new Timestamp({ t: 7, i: 3 }) }, long(3)),
  row('a number is no timestamp', { $tsIncrement: double(7) }, refused(5687302)),
];

export const DATE_ROWS: readonly Row[] = [...PARTS, ...MAKING, ...COUNTING, ...STAMPS];

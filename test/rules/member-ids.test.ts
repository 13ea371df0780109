import { expect, test } from '@jest/globals';
import { newId } from '../../subgraphs/shared/ids.ts';
import { createMemberIds } from '../../subgraphs/shared/member-ids.ts';
import { fc } from '../support/properties.ts';

const secret = 'a secret of at least thirty-two characters';
const ids = createMemberIds(secret);
const member = 'mem_01m8bgsa51z8ybme1yhyp2v327';

test('an id is the same at every time and in every process, and follows from secret, merchant and member', () => {
  expect(ids.shown(member, 'mer_1')).toBe('mbr_smn0_YXg1HirhsI1t1R30mtQDkQrQaH4c49HbwfChzWr7hAptaG69N8a');
  expect(createMemberIds(secret).shown(member, 'mer_1')).toBe(ids.shown(member, 'mer_1'));
  expect(createMemberIds(`${secret}!`).shown(member, 'mer_1')).not.toBe(ids.shown(member, 'mer_1'));
  expect(ids.shown(member, 'mer_2')).not.toBe(ids.shown(member, 'mer_1'));
});

test('two members, and one member at two merchants, have nothing in common to be seen', () => {
  const halves = ['mer_1', 'mer_2'].flatMap((merchant) =>
    [member, `${member.slice(0, -1)}8`].flatMap((one) => {
      const shown = ids.shown(one, merchant).slice('mbr_'.length);
      return [shown.slice(0, 20), shown.slice(-20)];
    }),
  );

  expect(new Set(halves).size).toBe(8);
});

test('whatever is shown is understood by its merchant and by no other', () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), (merchant, other) => {
      const one = newId('mem');
      const shown = ids.shown(one, merchant);
      expect(shown).toMatch(/^mbr_[A-Za-z0-9_-]{56}$/);
      expect(ids.meant(shown, merchant)).toBe(one);
      expect(ids.meant(shown, other)).toBe(other === merchant ? one : null);
    }),
  );
});

test('an id with a single character changed is nobody’s', () => {
  const shown = ids.shown(member, 'mer_1');
  for (let at = 4; at < shown.length; at++) {
    const changed = shown.slice(0, at) + (shown[at] === 'A' ? 'B' : 'A') + shown.slice(at + 1);
    expect(ids.meant(changed, 'mer_1')).toBeNull();
  }
});

test.each([
  '',
  member,
  'mbr_',
  `mbr_${'A'.repeat(56)}`,
  `mbr_${'!'.repeat(56)}`,
  `${ids.shown(member, 'mer_1')}A`,
])('%j is nobody’s', (sent) => {
  expect(ids.meant(sent, 'mer_1')).toBeNull();
});

test('what is no id of a member is not shown, and a short secret is refused', () => {
  for (const wrong of ['', 'mem_1', `${member}x`, 'mer_01m8bgsa51z8ybme1yhyp2v327'])
    expect(() => ids.shown(wrong, 'mer_1')).toThrow('not the id of a member');
  expect(() => createMemberIds('short')).toThrow('at least 32 characters');
});

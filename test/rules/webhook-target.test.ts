import { describe, expect, test } from '@jest/globals';
import { checkTarget, isAllowedAddress, publicTarget } from '../../subgraphs/accounts/webhook/target.ts';

const outside = { allowLoopback: false };
const development = { allowLoopback: true };

describe('addresses that nothing is sent to', () => {
  test.each([
    ['private', '10.0.0.1'],
    ['private', '172.16.0.1'],
    ['private', '192.168.1.1'],
    ['loopback', '127.0.0.1'],
    ['loopback', '127.255.255.254'],
    ['link-local, where clouds keep their metadata', '169.254.169.254'],
    ['shared by carriers', '100.64.0.1'],
    ['unspecified', '0.0.0.0'],
    ['broadcast', '255.255.255.255'],
    ['multicast', '224.0.0.1'],
    ['for documentation', '192.0.2.1'],
    ['for benchmarks', '198.18.0.1'],
    ['reserved', '240.0.0.1'],
    ['IPv6 loopback', '::1'],
    ['IPv6 unspecified', '::'],
    ['IPv6 link-local', 'fe80::1'],
    ['IPv6 unique-local', 'fd00:ec2::254'],
    ['IPv6 site-local, as it once was', 'fec0::1'],
    ['IPv6 multicast', 'ff02::1'],
    ['IPv6 for documentation', '2001:db8::1'],
    ['IPv4 in IPv6', '::ffff:127.0.0.1'],
    ['IPv4 in IPv6, in hexadecimal', '::ffff:a9fe:a9fe'],
    ['IPv4 in IPv6, the old way', '::7f00:1'],
    ['IPv4 behind a translator', '64:ff9b::a00:1'],
    ['IPv4 in 6to4', '2002:7f00:1::'],
    ['IPv4 in Teredo', '2001::1'],
    ['none at all', 'localhost'],
  ])('%s: %s', (_, address) => {
    expect(isAllowedAddress(address, outside)).toBe(false);
  });
});

test.each(['8.8.8.8', '2606:4700::1111', '::ffff:8.8.8.8'])('%s is on the public internet', (address) => {
  expect(isAllowedAddress(address, outside)).toBe(true);
});

test('for development this machine is allowed, and still no other private address', () => {
  const addresses = ['127.0.0.1', '::1', '::ffff:127.0.0.1', '10.0.0.1', '169.254.169.254'];

  expect(addresses.map((address) => isAllowedAddress(address, development))).toEqual([
    true,
    true,
    true,
    false,
    false,
  ]);
});

test.each([
  ['https://partner.example/hooks', null],
  ['https://partner.example:8443/hooks?key=1', null],
  ['https://8.8.8.8/', null],
  ['not a url', 'a URL'],
  [`https://partner.example/${'x'.repeat(2_000)}`, 'at most 2000 characters long'],
  ['http://partner.example/', 'an https URL'],
  ['ftp://partner.example/', 'an https URL'],
  ['file:///etc/passwd', 'an https URL'],
  ['https://user@partner.example/', 'a URL without user, password and fragment'],
  ['https://:secret@partner.example/', 'a URL without user, password and fragment'],
  ['https://partner.example/#part', 'a URL without user, password and fragment'],
  ['https://127.0.0.1/', publicTarget],
  ['https://2130706433/', publicTarget],
  ['https://0x7f.1/', publicTarget],
  ['https://017700000001/', publicTarget],
  ['https://[::1]/', publicTarget],
  ['https://[::ffff:10.0.0.1]/', publicTarget],
  ['https://169.254.169.254/latest/meta-data', publicTarget],
  ['https://localhost/', publicTarget],
  ['https://LOCALHOST./', publicTarget],
  ['https://a.localhost/', publicTarget],
  ['https://mongodb/', publicTarget],
  ['https://vault.internal/', publicTarget],
  ['https://printer.local/', publicTarget],
])('%s must be %s', (url, expected) => {
  expect(checkTarget(url, outside)).toBe(expected);
});

test('for development http is allowed to this machine alone', () => {
  const urls = [
    'http://127.0.0.1:8080/',
    'http://localhost/',
    'http://[::1]/',
    'http://partner.example/',
    'http://10.0.0.1/',
    'ftp://127.0.0.1/',
  ];

  expect(urls.map((url) => checkTarget(url, development))).toEqual([
    null,
    null,
    null,
    'an https URL',
    'an https URL',
    'an http or https URL',
  ]);
});

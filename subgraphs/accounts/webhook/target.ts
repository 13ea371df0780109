import ipaddr from 'ipaddr.js';

/** Where webhooks may point. */
export interface TargetTerms {
  /** For development: this machine's own addresses, over http too. */
  readonly allowLoopback: boolean;
}

const globalUnicastV6 = ipaddr.parseCIDR('2000::/3');
const longestUrl = 2_000;

/**
 * Whether an IP address may be connected to: on the public internet only. Private, loopback, link-local (where clouds keep
 * their metadata), unique-local, shared (CGNAT), multicast and reserved ones may not, in whatever notation; nor any IPv6
 * address outside 2000::/3 or one that wraps an IPv4 address.
 */
export function isAllowedAddress(address: string, { allowLoopback }: TargetTerms): boolean {
  if (!ipaddr.isValid(address)) return false;
  const parsed = ipaddr.process(address);
  const range = parsed.range();
  if (range === 'loopback') return allowLoopback;
  return range === 'unicast' && (parsed.kind() === 'ipv4' || parsed.match(globalUnicastV6));
}

const localNames = /(^|\.)(localhost|local|internal|intranet|lan|home\.arpa)$/;

/** The host of a URL as it is looked up: an IPv6 address without its brackets, a name without a final dot. */
export const hostOf = ({ hostname }: URL): string => hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '');

function isLoopback(host: string): boolean {
  return host === 'localhost' || (ipaddr.isValid(host) && ipaddr.process(host).range() === 'loopback');
}

/** True for a host that is written as an IP address. */
export const isAddress = (host: string): boolean => ipaddr.isValid(host);

/** What a webhook's URL must be, to follow "must be"; null if it is that, as far as the URL itself tells. */
export function checkTarget(text: string, terms: TargetTerms): string | null {
  if (text.length > longestUrl) return `at most ${longestUrl} characters long`;
  if (!URL.canParse(text)) return 'a URL';
  const url = new URL(text);
  const host = hostOf(url);
  if (url.username || url.password || url.hash) return 'a URL without user, password and fragment';
  if (terms.allowLoopback && isLoopback(host))
    return /^https?:$/.test(url.protocol) ? null : 'an http or https URL';
  if (url.protocol !== 'https:') return 'an https URL';
  if (isAddress(host)) return isAllowedAddress(host, terms) ? null : publicTarget;
  return localNames.test(host) || !host.includes('.') ? publicTarget : null;
}

/** What a target on a private network is told to be. */
export const publicTarget = 'a URL on the public internet, not on a private, local or reserved network';

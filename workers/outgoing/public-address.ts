import { lookup as resolve, type LookupAddress, type LookupOptions } from 'node:dns';
import { BlockList, isIP, isIPv6, type LookupFunction } from 'node:net';

/** IPv4 that no endpoint of the public internet has (https://www.iana.org/assignments/iana-ipv4-special-registry). */
const PRIVATE_V4: readonly (readonly [string, number])[] = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10], // carriers' own, and some clouds' metadata
  ['127.0.0.0', 8],
  ['169.254.0.0', 16], // link-local: 169.254.169.254 tells secrets of the machine
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
];

/** IPv6 is the other way round: 2000::/3 is the internet, but for these; all else (mapped, local, NAT64, multicast) is not. */
const NOT_PUBLIC_V6: readonly (readonly [string, number])[] = [
  ['2001::', 23], // Teredo and other tunnels
  ['2001:db8::', 32],
  ['2002::', 16], // 6to4 has an IPv4 address inside
  ['3fff::', 20],
];

const privateV4 = new BlockList();
for (const [net, prefix] of PRIVATE_V4) privateV4.addSubnet(net, prefix, 'ipv4');
const internetV6 = new BlockList();
internetV6.addSubnet('2000::', 3, 'ipv6');
const notPublicV6 = new BlockList();
for (const [net, prefix] of NOT_PUBLIC_V6) notPublicV6.addSubnet(net, prefix, 'ipv6');

/** Whether an IP address is on the public internet; whatever is no address is not. */
export function isPublicAddress(address: string): boolean {
  if (isIP(address) === 0) return false;
  if (!isIPv6(address)) return !privateV4.check(address, 'ipv4');
  return internetV6.check(address, 'ipv6') && !notPublicV6.check(address, 'ipv6');
}

/** An address that webhooks do not go to. */
export class PrivateAddress extends Error {
  constructor(host: string, address: string) {
    super(`${host} is at ${address}, which is not on the public internet`);
    this.name = 'PrivateAddress';
  }
}

/**
 * For `http.request`: resolves a name, refuses unless every address it has is public, and has the connection made to the very addresses
 * that were checked. A name that is resolved again in between (DNS rebinding) gains nothing. Whatever goes wrong is told to whoever asked:
 * an error thrown in a callback of the resolver would end the process.
 */
export const lookupPublic: LookupFunction = (hostname, options: LookupOptions, callback) => {
  resolve(hostname, { ...options, all: true }, (error, found: readonly LookupAddress[] | undefined) => {
    const checked = checkedAddresses(hostname, error, found);
    if (checked instanceof Error) callback(checked, '');
    else if (options.all === true) callback(null, [...checked]);
    else callback(null, checked[0].address, checked[0].family);
  });
};

/** All of a name's addresses if each is public, or why not. A name that does not resolve has none: `found` is not even an empty list then. */
function checkedAddresses(
  hostname: string,
  error: Error | null,
  found: readonly LookupAddress[] = [],
): readonly [LookupAddress, ...LookupAddress[]] | Error {
  if (error !== null) return error;
  const [first, ...others] = found;
  if (first === undefined) return new Error(`${hostname} has no address`);
  const refused = found.find(({ address }) => !isPublicAddress(address));
  return refused === undefined ? [first, ...others] : new PrivateAddress(hostname, refused.address);
}

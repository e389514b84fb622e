import { describe, expect, it } from 'vitest';

import { isPublicAddress } from '../../workers/outgoing/public-address.ts';

describe('addresses that webhooks go to', () => {
  it('given addresses of the internet, then they are public', () => {
    for (const address of ['8.8.8.8', '1.1.1.1', '172.32.0.1', '100.128.0.1', '2606:4700:4700::1111', '2a00:1450::1']) {
      expect([address, isPublicAddress(address)]).toEqual([address, true]);
    }
  });

  it('given addresses of a machine, a network, a cloud, or with another one inside, then they are not', () => {
    for (const address of [
      ...['127.0.0.1', '127.255.255.254', '0.0.0.0', '10.1.2.3', '172.16.0.1', '172.31.255.255', '192.168.1.1'],
      ...['169.254.169.254', '100.64.0.1', '198.18.0.1', '224.0.0.1', '255.255.255.255', '192.0.2.1'],
      ...[
        '::',
        '::1',
        '::ffff:127.0.0.1',
        '::ffff:8.8.8.8',
        '::7f00:1',
        'fe80::1',
        'fc00::1',
        'fd00:ec2::254',
        'ff02::1',
      ],
      ...['64:ff9b::7f00:1', '64:ff9b:1::1', '2002:7f00:1::', '2001::1', '2001:db8::1', 'fec0::1', '100::1'],
      ...['', 'localhost', '1.2.3', '0x7f.1'],
    ]) {
      expect([address, isPublicAddress(address)]).toEqual([address, false]);
    }
  });
});

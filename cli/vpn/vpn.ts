// SPDX-License-Identifier: Apache-2.0
import { UsageError } from '../../kube/base/flags.ts';
import type { Verb } from '../verb.ts';
import { peers } from './peers.ts';
import { show } from './show.ts';

/** `kubectl heddle vpn`: config files of peers, and their state. */
export const vpn: Verb = {
  name: 'vpn',
  summary: 'the config file of a peer, and the state of peers',
  help: `Usage: kubectl heddle vpn show PEER [flags]
       kubectl heddle vpn peers [VPN] [flags]

show prints the file for a peer's own WireGuard, out of its Secret: wg-quick takes it as it is. Whoever reads it can be
that peer. peers prints a table of peers, of one VPN or all: where they were last heard from, when, and how much.

Exit code: 0 the answer is printed, 2 there is none; the message says why.

  --qr                      show: a QR code, for the application of a phone
`,
  flags: { qr: { type: 'boolean', default: false } },
  takesWords: true,
  run: async (session) => {
    const [action, name, ...more] = session.words;
    if (more.length > 0) throw new UsageError(`"${more[0]}" is one word too many`);
    switch (action) {
      case 'show':
        if (name === undefined) throw new UsageError('vpn show: name the peer; vpn peers lists them');
        return show(session, name);
      case 'peers':
        if (session.flags.qr === true) throw new UsageError('--qr: it is a flag of vpn show');
        return peers(session, name);
      default:
        throw new UsageError(`vpn: "${action ?? ''}" is not show or peers`);
    }
  },
};

// SPDX-License-Identifier: Apache-2.0
import { joinKey } from '../../../api/key.ts';
import type { Vpn, VpnPeer } from '../../../api/vpn-objects.ts';
import type { Writer } from '../../../kube/apply.ts';
import type { EventRecorder } from '../../../kube/events.ts';
import {
  compileGatewayKey,
  compileGatewaySecret,
  compilePeerSecret,
  type DesiredSecret,
} from '../../compile/vpn/secrets.ts';
import type { DecidedPeer, DecidedVpn } from '../../compile/vpn/types.ts';
import type { Stores } from '../../observe/stores.ts';
import { describeMark, describeMarks } from '../../status/vpn/files.ts';
import type { VpnMemory } from './memory.ts';
import { changeSecret, makeSecret, type SecretOutcome } from './secrets.ts';

export interface KeeperOptions {
  readonly stores: Pick<Stores, 'secrets'>;
  readonly writer: Writer;
  readonly events: EventRecorder;
}

/** Keeper makes and updates the Secrets of VPNs and peers. */
export class Keeper {
  readonly #options: KeeperOptions;

  constructor(options: KeeperOptions) {
    this.#options = options;
  }

  /**
   * Makes the missing Secrets, so that new keys are stored before they are used. Returns `Taken` when another object
   * has the name of one of the gateways' Secrets. Peers with such a conflict are stored in the memory.
   */
  async makeKeys(
    decided: DecidedVpn,
    active: string | undefined,
    memory: VpnMemory,
  ): Promise<'Made' | 'Taken'> {
    const { vpn, peers } = decided;
    const taken = new Set<string>();
    const make = async (owner: Vpn | VpnPeer, wanted: DesiredSecret): Promise<SecretOutcome> => {
      const outcome = await makeSecret({ ...this.#options, owner, wanted });
      if (outcome === 'Taken') taken.add(wanted.metadata.name);
      return outcome;
    };
    const key = compileGatewayKey(decided);
    const config = compileGatewaySecret(decided, active);
    if ((await make(vpn, key)) === 'Made') this.#tellKeys(vpn, key);
    if (taken.size === 0) await make(vpn, config);
    if (taken.size > 0) {
      memory.taken = taken;
      return 'Taken';
    }
    for (const each of peers) {
      const wanted = compilePeerSecret(decided, each);
      const outcome = await make(each.peer, wanted);
      if (outcome === 'Made') this.#tellKeys(each.peer, wanted);
    }
    memory.taken = taken;
    return 'Made';
  }

  /** Updates the Secret with the config of the gateways. */
  async tellGateways(
    decided: DecidedVpn,
    active: string | undefined,
    memory: Pick<VpnMemory, 'replaced'>,
  ): Promise<void> {
    const wanted = compileGatewaySecret(decided, active);
    const { namespace, name } = wanted.metadata;
    const before = this.#options.stores.secrets.get(joinKey(namespace, name))?.metadata?.resourceVersion;
    const outcome = await changeSecret({ ...this.#options, owner: decided.vpn, wanted });
    if (outcome === 'Changed') memory.replaced = before;
  }

  /** Updates the gateway's key Secret, and the files of peers that changed. */
  async changeFiles(decided: DecidedVpn): Promise<void> {
    const { vpn, peers } = decided;
    await changeSecret({ ...this.#options, owner: vpn, wanted: compileGatewayKey(decided) });
    const changed: DecidedPeer[] = [];
    for (const each of peers) {
      const wanted = compilePeerSecret(decided, each);
      const outcome = await changeSecret({ ...this.#options, owner: each.peer, wanted });
      if (outcome === 'Changed' && isNews(each)) changed.push(each);
    }
    this.#tellFiles(vpn, changed);
  }

  #tellFiles(vpn: Vpn, changed: readonly DecidedPeer[]): void {
    const { events } = this.#options;
    for (const { peer, mark } of changed) {
      if (!mark) continue;
      const message = describeMark(peer.metadata, mark);
      events.record({ object: peer, type: 'Warning', reason: 'FileChanged', message });
    }
    if (changed.length === 0) return;
    const message = describeMarks(changed);
    events.record({ object: vpn, type: 'Warning', reason: 'FilesChanged', message });
  }

  #tellKeys(object: Vpn | VpnPeer, { metadata }: DesiredSecret): void {
    const message = `New keys are in Secret ${metadata.name}.`;
    this.#options.events.record({ object, type: 'Normal', reason: 'KeysMade', message });
  }
}

/** Whether more of the file changed than its mark says already. */
function isNews({ mark, storedMark }: DecidedPeer): boolean {
  return mark !== undefined && mark.entries.join() !== storedMark?.entries.join();
}

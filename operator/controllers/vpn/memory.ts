import { gatewayConfigNameOf } from '../../../api/vpn-names.ts';
import type { Vpn } from '../../../api/vpn-objects.ts';
import type { GatewayAnswer } from '../../../api/vpn-report.ts';
import { type Key, keyOf } from '../../../kube/object.ts';
import { type Endpoints, storedConfigOf, storedEndpointsOf } from '../../compile/vpn/stored.ts';
import type { DecidedVpn } from '../../compile/vpn/types.ts';
import type { Stores } from '../../observe/stores.ts';

/** What is remembered of a VPN between passes; both of its controllers look at it. */
export interface Memory {
  readonly uid: string | undefined;
  /** The pod that peers shall talk to. */
  active: string | undefined;
  /** Where peers were when it took over. */
  endpoints: Endpoints;
  /** Where they are now, for the next one that does. */
  heard: Endpoints;
  /** What was decided and written last. */
  decided: DecidedVpn | undefined;
  /** By the uid of the pod: what it said last, and how often in a row it was silent since. */
  answers: ReadonlyMap<string, GatewayAnswer>;
  missed: ReadonlyMap<string, number>;
  /** Names of Secrets that somebody else made. */
  taken: ReadonlySet<string>;
  /** What the API server said of the Service when it refused it. */
  refusal: string | undefined;
  /** When the status of each peer was written, by its uid. */
  readonly writtenAt: Map<string, number>;
}

/** A new operator goes on from what the gateways were told last: nobody is moved because it began. */
export class Memories {
  readonly #stores: Pick<Stores, 'secrets'>;
  readonly #all = new Map<Key, Memory>();

  constructor(stores: Pick<Stores, 'secrets'>) {
    this.#stores = stores;
  }

  of(vpn: Vpn): Memory {
    const { namespace, name, uid } = vpn.metadata;
    const known = this.#all.get(keyOf(vpn));
    if (known && known.uid === uid) return known;
    const told = storedConfigOf(this.#stores.secrets.get(`${namespace}/${gatewayConfigNameOf(name)}`));
    const memory: Memory = {
      uid,
      active: told?.active,
      endpoints: storedEndpointsOf(told),
      heard: storedEndpointsOf(told),
      decided: undefined,
      answers: new Map(),
      missed: new Map(),
      taken: new Set(),
      refusal: undefined,
      writtenAt: new Map(),
    };
    this.#all.set(keyOf(vpn), memory);
    return memory;
  }

  forget(key: Key): void {
    this.#all.delete(key);
  }
}

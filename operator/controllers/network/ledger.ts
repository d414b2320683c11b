import { Ledger } from '../../compile/addresses/ledger.ts';
import { claimOf } from '../../compile/ports/claim.ts';
import type { Stores } from '../../observe/stores.ts';

const ledgers = new WeakMap<Stores['ports'], Ledger>();

/**
 * What the Ports of a store hold, kept up to date from now on. There is one for each store, so that the
 * controllers that claim and those that judge count in the same book. It must be asked for before the controllers
 * watch the store: then it knows of a Port before any of them has its key.
 */
export function ledgerOf(stores: Pick<Stores, 'ports'>): Ledger {
  const known = ledgers.get(stores.ports);
  if (known !== undefined) return known;
  const ledger = new Ledger();
  ledgers.set(stores.ports, ledger);
  stores.ports.subscribe(
    ({ key, object }) => {
      if (object === undefined) ledger.drop(key);
      else ledger.put(claimOf(object));
    },
    { replay: true },
  );
  return ledger;
}

package org.openmmp.lmtp.transaction;

import java.util.function.Supplier;
import org.openmmp.lmtp.store.IdleStores;
import org.openmmp.lmtp.store.StoreCapacity;
import org.openmmp.repgroup.StoreSelector;
import org.openmmp.routing.Routing;

/**
 * What the sessions of one event loop share.
 *
 * @param settings the same for all
 * @param selector which store is next
 * @param routing the present routing; read once for each transaction
 * @param heard what stores take
 * @param known whom stores took mail for
 * @param bulkheads how many deliveries wait for the stores of each group
 * @param capacity how many connections each store gives
 * @param idle connections to stores that are kept
 * @param listener who hears of sessions
 */
public record Relay(
    RelaySettings settings,
    StoreSelector selector,
    Supplier<Routing> routing,
    HeardStores heard,
    KnownMailboxes known,
    Bulkheads bulkheads,
    StoreCapacity capacity,
    IdleStores idle,
    RelayListener listener) {}

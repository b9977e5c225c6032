package org.openmmp.lmtp.netty;

import io.netty.channel.Channel;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.openmmp.lmtp.store.StoreKey;
import org.openmmp.lmtp.transaction.RelayStep;
import org.openmmp.transport.ClientArrivals;
import org.openmmp.transport.StoreLink;
import org.openmmp.transport.TracedSession;

/** The connections to stores that one session has now, and the steps that concern them. */
final class SessionStores {
  private final RelayParts parts;
  private final ClientArrivals.Arrival arrival;
  private final Channel client;
  private final MessageFlow flow;
  private final StoreLink.Owner<StoreKey> session;
  private final IdleLinks idle;
  private final Map<StoreKey, StoreLink<StoreKey>> links = new HashMap<>();
  private final Set<StoreKey> dialling = new HashSet<>();

  SessionStores(
      RelayParts parts,
      ClientArrivals.Arrival arrival,
      MessageFlow flow,
      StoreLink.Owner<StoreKey> session) {
    this.parts = parts;
    this.arrival = arrival;
    this.client = arrival.channel();
    this.flow = flow;
    this.session = session;
    this.idle = parts.idleAt(client.eventLoop());
  }

  /** Carries a step out; a connection that has just gone is passed over. */
  void carryOut(RelayStep.AtStore step) {
    StoreKey store = step.store();
    switch (step.act()) {
      case CONNECT -> connect(store);
      case ADOPT -> adopt(store);
      case KEEP -> keep(store);
      case QUIT, BREAK_OFF -> part(store, step.act() == RelayStep.Act.QUIT);
      case SEND -> at(store, link -> link.send(step.octets()));
      case START_TLS -> at(store, link -> link.startTls(store.place().access().greetingTimeout()));
      case SEND_BODY, SEND_CHUNKS ->
          at(store, link -> flow.begin(link, step.act() == RelayStep.Act.SEND_CHUNKS));
    }
  }

  /** A connection stands from now on, until it is closed, whoever has it then. */
  void connected(StoreLink<StoreKey> link) {
    String group = link.key().place().group().name();
    String host = link.key().place().host().name();
    Runnable ended = parts.listener().connected(group, host);
    StoreKey key = link.key();
    dialling.remove(key);
    link.channel()
        .closeFuture()
        .addListener(
            closed -> {
              ended.run();
              ended(key);
            });
    follow(link);
  }

  private void follow(StoreLink<StoreKey> link) {
    TracedSession traced = arrival.traced();
    if (traced != null) {
      traced.usesStore(link.channel(), link.key().place().host().name());
    }
  }

  /** The groups of those that it has now. */
  String groups() {
    return joined(store -> store.place().group().name());
  }

  /** Their hosts. */
  String hosts() {
    return joined(store -> store.place().host().name());
  }

  private String joined(Function<StoreKey, String> name) {
    return links.keySet().stream().map(name).distinct().sorted().collect(Collectors.joining(","));
  }

  /** It is this session's no more; null if it was not. */
  @Nullable StoreLink<StoreKey> forget(StoreKey store) {
    StoreLink<StoreKey> link = links.remove(store);
    if (link != null) {
      flow.stop(link);
    }
    if (dialling.remove(store)) {
      ended(store);
    }
    return link;
  }

  /** The connection takes no room at its store any more. */
  private void ended(StoreKey store) {
    parts.memory().capacity().closed(store, System.nanoTime());
  }

  private void at(StoreKey store, Consumer<StoreLink<StoreKey>> what) {
    StoreLink<StoreKey> link = links.get(store);
    if (link != null) {
      what.accept(link);
    }
  }

  private void adopt(StoreKey store) {
    StoreLink<StoreKey> link = idle.adopt(store, session);
    if (link != null) {
      links.put(store, link);
      follow(link);
    }
  }

  private void keep(StoreKey store) {
    StoreLink<StoreKey> link = forget(store);
    if (link == null) {
      idle.stores().forget(store);
    } else {
      TracedSession traced = arrival.traced();
      if (traced != null) {
        traced.leavesStore(link.channel());
      }
      idle.keep(link);
    }
  }

  private void part(StoreKey store, boolean politely) {
    StoreLink<StoreKey> link = forget(store);
    if (link == null) {
      idle.close(store);
    } else if (politely) {
      link.leave(IdleLinks.quit());
    } else {
      link.breakOff();
    }
  }

  private void connect(StoreKey store) {
    StoreLink<StoreKey> link =
        new StoreLink<>(
            StoreLink.Purpose.DELIVERY,
            parts.target(store.place(), client, arrival.origin()),
            store,
            session);
    links.put(store, link);
    dialling.add(store);
    link.connect(parts.connector(), client.eventLoop());
  }
}

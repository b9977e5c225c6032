package org.openmmp.lmtp.netty;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.openmmp.guard.Farewell;
import org.openmmp.lmtp.store.StoreKey;
import org.openmmp.lmtp.transaction.RelaySession;
import org.openmmp.lmtp.transaction.RelaySettings;
import org.openmmp.lmtp.transaction.RelayStep;
import org.openmmp.repgroup.AttemptOutcome;
import org.openmmp.transport.BehindPending;
import org.openmmp.transport.ClientArrivals;
import org.openmmp.transport.ClientSession;
import org.openmmp.transport.Octets;
import org.openmmp.transport.SessionFacts;
import org.openmmp.transport.SessionLoop;
import org.openmmp.transport.StoreLink;

/**
 * Carries out the steps of one session and tells it what came of them. The only place where time
 * passes for a session.
 */
final class RelayDriver implements ClientSession, StoreLink.Owner<StoreKey>, MessageFlow.Events {
  private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

  private final RelayParts parts;
  private final ClientArrivals.Arrival arrival;
  private final Channel client;
  private final SessionLoop loop;
  private final RelaySession session;
  private final MessageFlow flow;
  private final SessionStores stores;
  private final Deque<RelayStep> wanted = new ArrayDeque<>();

  /** What the client sent last, as long as that turn lasts. */
  private ByteBuf incoming = Unpooled.EMPTY_BUFFER;

  private ByteBuffer view = NOTHING;
  private boolean carryingOut;
  private @Nullable Farewell leaving;
  private boolean clientAtEnd;
  private long fromClient;
  private long toClient;

  RelayDriver(RelayParts parts, ClientArrivals.Arrival arrival, RelaySession session) {
    this.parts = parts;
    this.arrival = arrival;
    this.client = arrival.channel();
    this.loop = new SessionLoop(client, this::tick, this::wouldEndNow);
    this.session = session;
    this.flow = new MessageFlow(parts, client.eventLoop(), this);
    this.stores = new SessionStores(parts, arrival, flow, this);
  }

  @Override
  public void open() {
    carryOut(session.onOpen(loop.nowNanos()));
  }

  @Override
  public void secured() {
    carryOut(session.onClientTls(loop.nowNanos()));
  }

  /** The buffer is kept as it is where it is part of a message, which holds no password. */
  @Override
  public void clientSent(ByteBuf octets) {
    if (carryingOut) {
      throw new IllegalStateException("octets came upon the stack of a step");
    }
    fromClient += octets.readableBytes();
    incoming = octets;
    view = octets.nioBuffer();
    try {
      carryOut(session.onClientOctets(view, loop.nowNanos(), loop.random()));
    } finally {
      incoming = Unpooled.EMPTY_BUFFER;
      view = NOTHING;
      octets.release();
    }
  }

  @Override
  public void clientGone(String reason) {
    carryOut(session.onClientClosed(reason, loop.nowNanos()));
  }

  /** Reads on if the session wants more, the client takes its replies, and stores the message. */
  @Override
  public void readMore() {
    if (clientAtEnd) {
      if (session.awaitsClient()) {
        clientGone("the client closed the connection");
        BehindPending.closeInTime(client);
      }
    } else if (session.wantsClientOctets()
        && client.isWritable()
        && flow.hasRoom(session.openDeliveries())) {
      client.read();
    }
  }

  /**
   * The client sends no more. What it has sent is served to the last reply (rule B5.13); once it
   * would be its turn, the session is over.
   */
  @Override
  public void clientFinished() {
    clientAtEnd = true;
    readMore();
  }

  @Override
  public SessionFacts facts() {
    return arrival.facts(
        RelaySettings.SERVICE.name(),
        "",
        "",
        stores.groups(),
        stores.hosts(),
        fromClient,
        toClient);
  }

  @Override
  public void end(Farewell why) {
    loop.runLater(() -> loop.end(() -> carryOut(session.end(why, loop.nowNanos()))));
  }

  @Override
  public void endAtSafePoint(Farewell why) {
    loop.runLater(() -> loop.end(() -> leave(why)));
  }

  private void leave(Farewell why) {
    leaving = why;
    carryOut(List.of());
  }

  @Override
  public void connected(StoreLink<StoreKey> link) {
    stores.connected(link);
    carryOut(session.onStoreConnected(link.key(), loop.nowNanos()));
  }

  @Override
  public void received(StoreLink<StoreKey> link, byte[] octets) {
    carryOut(session.onStoreOctets(link.key(), octets, loop.nowNanos(), loop.random()));
    flow.resume(link); // it may have waited for that reply
  }

  @Override
  public void secured(StoreLink<StoreKey> link) {
    carryOut(session.onStoreTls(link.key(), loop.nowNanos()));
  }

  @Override
  public void lost(StoreLink<StoreKey> link, AttemptOutcome outcome, String reason) {
    stores.forget(link.key());
    carryOut(session.onStoreLost(link.key(), outcome, reason, loop.nowNanos(), loop.random()));
  }

  @Override
  public void writable(StoreLink<StoreKey> link) {
    flow.resume(link);
  }

  @Override
  public void failed(StoreLink<StoreKey> link, Throwable bug) {
    loop.failed(bug);
  }

  /** Carries out in order, even where a step brings about an event that wants more. */
  private void carryOut(List<RelayStep> steps) {
    wanted.addAll(steps);
    if (carryingOut) {
      return;
    }
    carryingOut = true;
    try {
      for (RelayStep step = wanted.poll(); step != null; step = wanted.poll()) {
        if (step instanceof RelayStep.AtStore atStore) {
          stores.carryOut(atStore);
        } else if (!carriedOutAtClient(step)) {
          flow.carryOut(step, incoming, view);
        }
      }
    } finally {
      carryingOut = false;
    }
    flow.passOn();
    Farewell why = leaving;
    if (why != null && session.idle()) {
      leaving = null;
      carryOut(session.end(why, loop.nowNanos()));
      return;
    }
    session.holdBack(!flow.hasRoom(session.openDeliveries()), loop.nowNanos());
    moveTimer();
    readMore();
  }

  private boolean carriedOutAtClient(RelayStep step) {
    if (step instanceof RelayStep.Reply reply) {
      toClient += reply.octets().length;
      Octets.tell(client, reply.octets());
    } else if (step instanceof RelayStep.LookUp lookUp) {
      lookUp(lookUp);
    } else if (step instanceof RelayStep.Forget forget) {
      parts.directory().forget(forget.login());
    } else if (step instanceof RelayStep.Await await) {
      // Whoever wakes is in the middle of a change: never go on upon its stack.
      await.registration().accept(() -> loop.runLater(() -> wake(await.what())));
    } else if (step == RelayStep.Simple.START_TLS) {
      arrival.startTls();
    } else if (step instanceof RelayStep.Close) {
      BehindPending.closeInTime(client);
    } else {
      return false;
    }
    return true;
  }

  private void lookUp(RelayStep.LookUp step) {
    parts
        .directory()
        .lookUp(step.request())
        .thenAccept(
            result ->
                loop.runLater(
                    () ->
                        carryOut(
                            session.onLookup(
                                step.recipient(), result, loop.nowNanos(), loop.random()))));
  }

  private void moveTimer() {
    Long deadline = session.deadline();
    if (deadline == null) {
      loop.tickNoMore();
    } else {
      loop.tickAt(deadline);
    }
  }

  private void wake(Object what) {
    carryOut(session.onWake(what, loop.nowNanos(), loop.random()));
  }

  private boolean wouldEndNow() {
    return session.endsByDeadline(loop.nowNanos());
  }

  private void tick() {
    carryOut(session.onTick(loop.nowNanos(), loop.random()));
  }

  // ---- how the message flows

  @Override
  public void roomAgain() {
    carryOut(List.of());
  }

  @Override
  public boolean maySend(StoreLink<StoreKey> link, boolean end) {
    return session.maySend(link.key(), end);
  }

  @Override
  public void chunk(StoreLink<StoreKey> link) {
    carryOut(session.onChunk(link.key(), loop.nowNanos()));
  }

  @Override
  public void pending(StoreLink<StoreKey> link, long octets) {
    carryOut(session.onBodyProgress(link.key(), octets, loop.nowNanos()));
  }

  @Override
  public boolean ending(StoreLink<StoreKey> link) {
    carryOut(session.onEndOfData(link.key(), loop.nowNanos()));
    return session.delivers(link.key());
  }

  @Override
  public void sent(StoreLink<StoreKey> link) {
    carryOut(session.onBodySent(link.key(), loop.nowNanos()));
  }

  @Override
  public void failed(String why) {
    parts.spoolFailed(why);
    carryOut(session.onSpoolFailed(loop.nowNanos(), loop.random()));
  }
}

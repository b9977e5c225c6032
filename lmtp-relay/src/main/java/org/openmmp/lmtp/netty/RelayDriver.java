package org.openmmp.lmtp.netty;

import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.openmmp.lmtp.transaction.RelayFarewell;
import org.openmmp.lmtp.transaction.RelaySession;
import org.openmmp.lmtp.transaction.RelayStep;
import org.openmmp.repgroup.AttemptOutcome;
import org.openmmp.repgroup.Choice;
import org.openmmp.transport.BoundedClose;
import org.openmmp.transport.ClientEvents;
import org.openmmp.transport.ClientOrigin;
import org.openmmp.transport.OpenSession;
import org.openmmp.transport.Refusal;
import org.openmmp.transport.RefusalListener;
import org.openmmp.transport.SessionLoop;
import org.openmmp.transport.SessionTimer;
import org.openmmp.transport.TlsFailure;
import org.openmmp.transport.TlsListener;

/**
 * Carries out the steps of one session and tells it what came of them. The only place where time
 * passes for a session.
 */
final class RelayDriver implements OpenSession, ClientEvents, DeliveryLinkOwner {
  private final RelayParts parts;
  private final Channel client;
  private final SessionLoop loop;
  private final ClientOrigin origin;
  private final RefusalListener refusals;
  private final RelaySession session;
  private final MessageFlow flow;
  private final SessionTimer timer;
  private final SessionStores stores;
  private final Deque<RelayStep> wanted = new ArrayDeque<>();
  private boolean carryingOut;
  private boolean leaving;
  private boolean clientAtEnd;

  RelayDriver(
      RelayParts parts,
      Channel client,
      ClientOrigin origin,
      RefusalListener refusals,
      RelaySession session) {
    this.origin = origin;
    this.refusals = refusals;
    this.parts = parts;
    this.client = client;
    this.loop = new SessionLoop(client);
    this.session = session;
    this.flow = new MessageFlow(parts, client.eventLoop(), new FlowEvents());
    this.stores = new SessionStores(parts, client, origin, flow, this);
    this.timer = new SessionTimer(client.eventLoop(), this::tick);
  }

  void open() {
    carryOut(session.onOpen(loop.nowNanos()));
  }

  @Override
  public void clientSent(byte[] octets) {
    carryOut(session.onClientOctets(octets, loop.nowNanos(), loop.random()));
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
        BoundedClose.behindPending(client);
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
  public void end() {
    end(RelayFarewell.SHUTTING_DOWN);
  }

  @Override
  public void endAfterMistake() {
    end(RelayFarewell.INTERNAL_ERROR);
  }

  /** Ends the session with last words; on any thread. */
  void end(RelayFarewell why) {
    loop.runLater(() -> carryOut(session.end(why, loop.nowNanos())));
  }

  /** Ends the session as soon as it is between two transactions; on any thread. */
  void endWhenIdle() {
    loop.runLater(
        () -> {
          leaving = true;
          carryOut(List.of());
        });
  }

  @Override
  public void connected(DeliveryLink link) {
    carryOut(session.onStoreConnected(link.conversation(), loop.nowNanos()));
  }

  @Override
  public void received(DeliveryLink link, byte[] octets) {
    carryOut(session.onStoreOctets(link.conversation(), octets, loop.nowNanos(), loop.random()));
    flow.resume(link); // it may have waited for that reply
  }

  @Override
  public void secured(DeliveryLink link) {
    carryOut(session.onStoreTls(link.conversation(), loop.nowNanos()));
  }

  @Override
  public void lost(DeliveryLink link, AttemptOutcome outcome, String reason) {
    stores.forget(link.conversation());
    carryOut(
        session.onStoreLost(link.conversation(), outcome, reason, loop.nowNanos(), loop.random()));
  }

  @Override
  public void writable(DeliveryLink link) {
    flow.resume(link);
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
        if (!carriedOutAtClient(step) && !stores.carriedOut(step)) {
          flow.carryOut(step);
        }
      }
    } finally {
      carryingOut = false;
    }
    if (leaving && session.idle()) {
      leaving = false;
      carryOut(session.end(RelayFarewell.SHUTTING_DOWN, loop.nowNanos()));
      return;
    }
    session.holdBack(!flow.hasRoom(session.openDeliveries()), loop.nowNanos());
    moveTimer();
    readMore();
  }

  private boolean carriedOutAtClient(RelayStep step) {
    if (step instanceof RelayStep.Reply reply) {
      client.writeAndFlush(Unpooled.wrappedBuffer(reply.octets()));
    } else if (step instanceof RelayStep.LookUp lookUp) {
      lookUp(lookUp);
    } else if (step instanceof RelayStep.Forget forget) {
      parts.directory().forget(forget.login());
    } else if (step instanceof RelayStep.Await await) {
      // Whoever wakes is in the middle of a change: never go on upon its stack.
      await.registration().accept(() -> loop.runLater(() -> wake(await.choice())));
    } else if (step instanceof RelayStep.StartTls) {
      startTls();
    } else if (step instanceof RelayStep.Close) {
      BoundedClose.behindPending(client);
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

  private void startTls() {
    parts.startTls(
        client,
        new TlsListener() {
          @Override
          public void secured() {
            carryOut(session.onClientTls(loop.nowNanos()));
          }

          @Override
          public void failed(TlsFailure why) {
            refusals.refused(
                Refusal.TLS_HANDSHAKE,
                origin.client().getAddress(),
                origin.client().getPort(),
                why.reason());
            clientGone("TLS: " + why.reason());
          }
        });
  }

  private void moveTimer() {
    Long deadline = session.deadline();
    if (deadline == null) {
      timer.cancel();
    } else {
      timer.moveTo(deadline, loop.nowNanos());
    }
  }

  private void wake(Choice choice) {
    carryOut(session.onWake(choice, loop.nowNanos(), loop.random()));
  }

  private void tick() {
    loop.run(() -> carryOut(session.onTick(loop.nowNanos(), loop.random())));
  }

  /** Hears how the message flows. */
  private final class FlowEvents implements MessageFlow.Events {
    @Override
    public void roomAgain() {
      carryOut(List.of());
    }

    @Override
    public boolean maySend(DeliveryLink link, boolean end) {
      return session.maySend(link.conversation(), end);
    }

    @Override
    public void chunk(DeliveryLink link) {
      carryOut(session.onChunk(link.conversation(), loop.nowNanos()));
    }

    @Override
    public void pending(DeliveryLink link, long octets) {
      carryOut(session.onBodyProgress(link.conversation(), octets, loop.nowNanos()));
    }

    @Override
    public boolean ending(DeliveryLink link) {
      carryOut(session.onEndOfData(link.conversation(), loop.nowNanos()));
      return session.delivers(link.conversation());
    }

    @Override
    public void sent(DeliveryLink link) {
      carryOut(session.onBodySent(link.conversation(), loop.nowNanos()));
    }

    @Override
    public void failed(String why) {
      parts.spoolFailed(why);
      carryOut(session.onSpoolFailed(loop.nowNanos(), loop.random()));
    }
  }
}

package org.openmmp.transport;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.openmmp.wire.TraceMask;

/**
 * A session that began while an administrator traced: what passes on its connections, inside TLS,
 * is told to the traces that follow its client's address, and the first of it is held until it is
 * known whether one follows its user. Takes nothing and changes nothing, and leaves a connection
 * once nobody listens. On the session's event loop.
 */
@ChannelHandler.Sharable
public final class TracedSession extends ChannelDuplexHandler {
  private static final int MOST_HELD_LINES = 24;

  private final SessionFacts facts;
  private final Channel client;
  private final Map<Channel, TraceMask> masks = new HashMap<>();
  private final List<WireTrace> telling = new ArrayList<>();
  private final List<WireTrace> undecided = new ArrayList<>();

  /** Lines, each to be told to a trace. */
  private final Deque<Consumer<WireTrace>> held = new ArrayDeque<>();

  private TracedSession(SessionFacts facts, Channel client) {
    this.facts = facts;
    this.client = client;
  }

  /**
   * Follows a session that begins; null if no trace may want it.
   *
   * @param logsIn whether its user will be known
   */
  static @Nullable TracedSession of(
      List<WireTrace> running,
      SessionFacts facts,
      Channel client,
      InetAddress address,
      boolean logsIn) {
    TracedSession made = new TracedSession(facts, client);
    for (WireTrace each : running) {
      if (each.follows(address)) {
        made.telling.add(each);
      } else if (logsIn && each.byUser()) {
        made.undecided.add(each);
      }
    }
    if (!made.isWanted()) {
      return null;
    }
    made.masks.put(client, made.mask("client", true));
    client.pipeline().addLast(made);
    return made;
  }

  private TraceMask mask(String peer, boolean ofClient) {
    return new TraceMask(
        facts.service(), (byClient, line) -> tell(peer, byClient != ofClient, line));
  }

  /** That connection to a store is the session's, and is followed from now on. */
  public void usesStore(Channel store, String name) {
    if (isWanted() && masks.putIfAbsent(store, mask(name, false)) == null) {
      store.pipeline().addBefore(store.pipeline().lastContext().name(), null, this);
    }
  }

  /** It is the session's no more. */
  public void leavesStore(Channel store) {
    if (masks.containsKey(store)) {
      store.pipeline().remove(this);
    }
  }

  /** Whether this goes on at that connection, which is spliced to another one. */
  boolean staysAt(Channel spliced) {
    TraceMask mask = masks.get(spliced);
    if (!spliced.equals(client) || mask == null) {
      return false; // octets pass unchanged, so that one end of the splice shows them all
    }
    mask.loggedIn();
    return isWanted();
  }

  /** A login under that name is under way, and that entry is what the directory found. */
  public void named(String user, String entry) {
    undecided.removeIf(
        each -> {
          boolean follows = each.follows(user, entry);
          if (follows) {
            held.forEach(line -> line.accept(each));
            telling.add(each);
          }
          return follows;
        });
  }

  /** It is that user's from now on: who follows another one hears no more. */
  public void loggedIn(String user, String entry) {
    named(user, entry);
    undecided.clear();
    held.clear();
    telling.removeIf(each -> each.byUser() && !each.follows(user, entry));
  }

  /** Whether any trace hears of it, or may. */
  private boolean isWanted() {
    telling.removeIf(WireTrace::over);
    undecided.removeIf(WireTrace::over);
    return !telling.isEmpty() || !undecided.isEmpty();
  }

  private void tell(String peer, boolean toPeer, String line) {
    Instant now = Instant.now();
    telling.forEach(each -> each.tell(facts, now, peer, toPeer, line));
    if (!undecided.isEmpty()) {
      if (held.size() == MOST_HELD_LINES) {
        held.removeFirst();
      }
      held.add(trace -> trace.tell(facts, now, peer, toPeer, line));
    }
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    show(ctx, message, ctx.channel().equals(client));
    ctx.fireChannelRead(message);
  }

  @Override
  public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
    show(ctx, message, !ctx.channel().equals(client));
    ctx.write(message, promise);
  }

  private void show(ChannelHandlerContext ctx, Object message, boolean byClient) {
    TraceMask mask = masks.get(ctx.channel());
    if (mask == null) {
      return;
    }
    if (!isWanted()) {
      ctx.pipeline().remove(this);
    } else if (message instanceof ByteBuf octets) {
      for (ByteBuffer each : octets.nioBuffers()) {
        mask.sent(byClient, each);
      }
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    forget(ctx.channel());
    ctx.fireChannelInactive();
  }

  @Override
  public void handlerRemoved(ChannelHandlerContext ctx) {
    forget(ctx.channel());
  }

  private void forget(Channel channel) {
    TraceMask mask = masks.remove(channel);
    if (mask != null) {
      mask.end();
    }
  }
}

package org.openmmp.transport;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.socket.DuplexChannelConfig;
import io.netty.handler.ssl.SslHandler;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.openmmp.wire.SafePoints;

/**
 * A session after its login: every octet passes unchanged from one connection to the other, in both
 * directions, until both are closed (rule B3.11).
 *
 * <p>One side is read only while the other takes what is written to it, so what waits in memory is
 * bounded. A side's end of data is passed on behind what is pending and ends nothing else: the
 * other direction goes on until its own end, or until nothing moves for the idle limit (rule
 * B3.17). An idle session has one handler on each connection, one timer, and no buffer.
 */
public final class Splice {
  /** How long a client that was told goodbye may go on sending. */
  private static final long LINGER_NANOS = TimeUnit.SECONDS.toNanos(5);

  /** What is read of a client whose session is between two stores. */
  private static final int MOST_OF_CLIENT = 32 * 1024;

  /**
   * Who may have a session go on at another store than the one it began at (rule B9.3). On the
   * session's event loop.
   */
  public interface Mover {
    /**
     * The store ends the session, or its connection is gone, and the client has not asked for it.
     *
     * @return whether the session may outlive it: then the splice has parted with the store, hides
     *     its end, and is {@link #divert diverted}, and {@link #parted} follows
     */
    boolean mayOutlive(SpliceEnd.Reason how);

    /** The splice has parted with the store. */
    void parted();

    /** Of a diverted splice: the client sent that, which reaches no store by itself. */
    void clientSent(byte[] octets);

    /** Of a diverted splice: the store that it began at sent that. */
    void storeSent(byte[] octets);

    /** Of a diverted splice: it ends, and goes on at no store. */
    void ends();
  }

  private final SpliceSide client;
  private SpliceSide store;
  private @Nullable Mover mover;
  private boolean diverted;

  /** Whether the store's answer to our question was its goodbye, and was passed on. */
  private boolean saidGoodbye;

  private boolean traced;
  private final SpliceSettings settings;
  private final Consumer<SpliceEnd> listener;
  private final SafePoints safePoints;
  private long lastActivityNanos;
  private long pendingAtLastCheck;
  private SpliceEnd.@Nullable Reason reason;
  private @Nullable Deadline timer;
  private boolean closing;
  private boolean lingering;
  private boolean watched;
  private boolean held;
  private @Nullable StoreLoss loss;
  private byte @Nullable [] wordsAtSafePoint;
  private @Nullable StoreQuestion question;
  private @Nullable Runnable atSafePoint;

  private Splice(
      Channel client,
      Channel store,
      SafePoints safePoints,
      SpliceSettings settings,
      Consumer<SpliceEnd> listener) {
    this.safePoints = safePoints;
    this.settings = settings;
    this.listener = listener;
    this.client = new SpliceSide(this, client, safePoints.client());
    this.store = new SpliceSide(this, store, safePoints.store());
  }

  /**
   * Joins two connections of one event loop and begins to serve them. Every handler but TLS and a
   * trace that is wanted leaves both pipelines; what a decoder among them still holds follows the
   * left-over bytes given here.
   *
   * @param forStore what the client sent behind its login; not used by the caller any more
   * @param forClient what the client must still get: the answer to its login and what the store
   *     sent behind it; likewise
   * @param safePoints follows what passes; it has seen what is left over from behind the login, but
   *     not what a decoder still holds
   * @param listener hears the end
   * @throws IllegalArgumentException if the channels do not share an event loop
   */
  public static Splice join(
      Channel client,
      Channel store,
      byte[] forStore,
      byte[] forClient,
      SafePoints safePoints,
      SpliceSettings settings,
      Consumer<SpliceEnd> listener) {
    if (client.eventLoop() != store.eventLoop()) {
      throw new IllegalArgumentException("two channels of two event loops cannot be joined");
    }
    Splice splice = new Splice(client, store, safePoints, settings, listener);
    splice.begin(forStore, forClient);
    return splice;
  }

  private void begin(byte[] forStore, byte[] forClient) {
    touch();
    schedule(settings.idleLimit().toNanos());
    client.passOn(Unpooled.wrappedBuffer(forStore));
    store.passOn(Unpooled.wrappedBuffer(forClient));
    traced = install(client, settings);
    install(store, settings);
    start();
  }

  private void start() {
    boolean byKernel =
        settings.kernelSplice()
            && !traced
            && KernelSplice.serves(client.channel(), store.channel());
    client.start(byKernel);
    store.start(byKernel);
  }

  /** The session may go on at another store from now on. */
  public void mayMoveBy(Mover by) {
    mover = by;
  }

  /** Whether that side's end is no end of the session, or none any more. */
  boolean outlives(SpliceSide side, SpliceEnd.Reason how) {
    if (side.isParted()) {
      return true;
    }
    Mover by = mover;
    if (by == null || side == client || !goesOn() || client.atEnd() || store.holdsNothing()) {
      return false;
    }
    if (!diverted && !by.mayOutlive(how)) {
      return false;
    }
    divert();
    part(new byte[0]);
    by.parted();
    return true;
  }

  /**
   * What client and store send goes to the {@link Mover} from now on, and not to the other one.
   *
   * @throws IllegalStateException if nobody may move the session
   */
  public void divert() {
    Mover by = mover;
    if (by == null) {
      throw new IllegalStateException("nobody may move this session");
    }
    if (!diverted) {
      diverted = true;
      client.divertTo(by::clientSent, MOST_OF_CLIENT);
      store.divertTo(by::storeSent, Integer.MAX_VALUE);
      StoreQuestion unanswered = question;
      question = null;
      if (unanswered != null) {
        unanswered.leave().forEach(octets -> by.clientSent(Octets.takenFrom(octets)));
      }
    }
  }

  /** Of a diverted splice: reads more of the client than was read. */
  public void readOn() {
    client.divertMore(MOST_OF_CLIENT);
  }

  /** Parts with the store, in these words: nothing that it sends counts any more. */
  public void part(byte[] words) {
    store.part(words);
  }

  /** Sends the store something that the client has not said. */
  public void ask(byte[] octets) {
    store.channel().writeAndFlush(Unpooled.wrappedBuffer(octets), store.channel().voidPromise());
  }

  /** Of a diverted splice: tells the client something. */
  public void tell(byte[] octets) {
    store.passOn(Unpooled.wrappedBuffer(octets));
    client.channel().flush();
  }

  /**
   * The store is given up, though its connection stands.
   *
   * @return whether the session outlives it; else nothing was done
   */
  public boolean outlivesStore() {
    return !diverted && outlives(store, SpliceEnd.Reason.STORE_CLOSED);
  }

  /** Whether the session goes on, as far as it is known. */
  public boolean goesOn() {
    return !closing && !held && !client.isGone();
  }

  /**
   * Goes on: passes on to each other what both sides send.
   *
   * @param other the store from now on, of the client's event loop; null: the one that it began at
   * @param toClient words that the store does not say
   * @param toStore what the client said meanwhile
   * @param fromStore what the store said behind what it was asked
   */
  public void goOn(@Nullable Channel other, byte[] toClient, byte[] toStore, byte[] fromStore) {
    diverted = false;
    client.divertNoMore();
    store.divertNoMore();
    tell(toClient);
    if (other != null) {
      part(new byte[0]);
      store = new SpliceSide(this, other, safePoints.store(), store.octets());
      watched = false;
      install(store, settings);
    }
    client.passOnSeen(Unpooled.wrappedBuffer(toStore));
    store.passOnSeen(Unpooled.wrappedBuffer(fromStore));
    if (toClient.length + toStore.length + fromStore.length > 0) {
      touch(); // not by a move alone: stores end whom nobody uses, too, one after the other
    }
    start();
  }

  /** Whether somebody goes on following that connection. */
  private static boolean install(SpliceSide side, SpliceSettings settings) {
    Channel channel = side.channel();
    channel.config().setAutoRead(false);
    ClearedBuffers.endAt(channel);
    if (channel.config() instanceof DuplexChannelConfig duplex) {
      duplex.setAllowHalfClosure(true);
    }
    channel.config().setWriteBufferWaterMark(settings.waterMarks());
    channel.pipeline().addLast(side);
    // From the last to the first: a decoder's rest must not go to a handler that leaves as well.
    List<String> names = channel.pipeline().names();
    boolean traced = false;
    for (int i = names.size() - 1; i >= 0; i--) {
      ChannelHandler handler = channel.pipeline().get(names.get(i));
      if (handler == null) {
        continue; // the end of the pipeline, which is none of ours
      }
      if (handler instanceof TracedSession session && session.staysAt(channel)) {
        traced = true;
      } else if (handler != side
          && !(handler instanceof SslHandler || handler instanceof TlsDirections)) {
        channel.pipeline().remove(handler);
      }
    }
    return traced;
  }

  /**
   * Ends the splice: what is pending leaves first, bounded by the closing limit, then both
   * connections are closed.
   *
   * @param lastWords for the client, behind all that the store sent; may be empty. They are said
   *     only at a safe point (rule B9.2): elsewhere the client may be within a message, and would
   *     take them for its text.
   */
  public void end(byte[] lastWords) {
    if (!closing && safePoints.safe()) {
      endWith(lastWords);
    } else {
      end(SpliceEnd.Reason.ENDED);
    }
  }

  /** Ends the splice with those words at its next safe point, which may be now or never. */
  public void endAtSafePoint(byte[] lastWords) {
    wordsAtSafePoint = lastWords;
    endIfSafe();
  }

  /**
   * Does that at the next safe point at which the session is passed on and its store is not asked
   * anything, which may be now or never.
   */
  public void atSafePoint(Runnable work) {
    atSafePoint = work;
    endIfSafe();
  }

  /**
   * Whether the client has asked for the end of the session and the store has granted it: nothing
   * is to come any more, so that whoever closes first closes both connections, without a word of
   * its own to either half. What is still to leave leaves before.
   */
  boolean tookLeave() {
    if (!safePoints.tookLeave()) {
      return false;
    }
    endsWhole(client);
    endsWhole(store);
    return true;
  }

  private static void endsWhole(SpliceSide side) {
    if (BehindPending.hasLeft(side.channel())) {
      BehindPending.endsWhole(side.channel());
    }
  }

  /** What was read has been passed on: whoever waits for a safe point may have reached it. */
  void endIfSafe() {
    Runnable work = atSafePoint;
    boolean quiet = !closing && !diverted && !safePoints.isAsking() && safePoints.safe();
    if (work != null && quiet) {
      atSafePoint = null;
      client.channel().eventLoop().execute(work);
    }
    if (wordsAtSafePoint != null && !closing && safePoints.safe()) {
      endWith(wordsAtSafePoint);
    }
  }

  /**
   * The client may be sending meanwhile, a message perhaps: a connection that is closed over unread
   * octets is reset, and the words with it. So only our direction ends, and what the client still
   * sends is dropped until it ends, too, or has had its time.
   */
  private void endWith(byte[] lastWords) {
    leaveQuestion(false);
    ending(SpliceEnd.Reason.ENDED);
    closing = true;
    leaveMove();
    lingering = true;
    touch();
    schedule(Math.min(settings.closingLimit().toNanos(), LINGER_NANOS));
    boolean open = held || !store.atEnd(); // else our direction has ended already
    if (open && !clientHeardGoodbye()) {
      client.channel().write(Unpooled.wrappedBuffer(lastWords), client.channel().voidPromise());
    }
    if (open) {
      BehindPending.endOutput(client.channel());
    }
    store.stop();
    BehindPending.close(store.channel());
    client.drop();
  }

  private void leaveMove() {
    Mover by = mover;
    if (diverted && by != null) {
      by.ends();
    }
  }

  /**
   * Whether the store's own goodbye has reached the client, for which ours would be a second one.
   */
  private boolean clientHeardGoodbye() {
    return saidGoodbye || (!diverted && safePoints.storeLeaves());
  }

  /**
   * From now on a client whose store is gone is told of it when that one says, if nothing is open.
   */
  public void tellOfLossBy(StoreLoss whose) {
    loss = whose;
  }

  /** Whether the client is kept although its store is gone. */
  boolean isHeld() {
    return held;
  }

  /**
   * The store is gone, and the session does not outlive it: whether its client is kept for a while,
   * so that thousands do not come back in one second (rule B2.29). Nothing is open, so that it
   * waits for nothing: what it sends is dropped, and has it hear the words at once. Who might have
   * outlived the store hears them in any case (rule B9.6).
   */
  boolean holdsClient() {
    StoreLoss whose = loss;
    if (held
        || whose == null
        || closing
        || diverted
        || question != null
        || clientHeardGoodbye()
        || client.atEnd()
        || client.isGone()
        || !safePoints.safe()
        || safePoints.clientMayBeLeaving()) {
      return held;
    }
    long nanos = Math.max(0, whose.holdNanos());
    if (nanos == 0 && mover == null) {
      return false;
    }
    held = true;
    store.stop();
    store.channel().close();
    client.channel().flush();
    client.channel().read();
    schedule(nanos);
    return true;
  }

  /** Whether that side is a client that is held, and has left meanwhile. */
  boolean endsHold(SpliceSide side) {
    return held && side == client;
  }

  /** Whether that side is a store whose end its client does not hear for a while. */
  boolean keepsFrom(SpliceSide side) {
    return side == store && holdsClient();
  }

  /** Its time has come, or it has sent something. */
  void heldClientHears() {
    StoreLoss whose = loss;
    if (held && !closing && whose != null && !client.isGone()) {
      endWith(whose.words());
    }
  }

  private void closeAll() {
    leaveQuestion(false);
    client.channel().close();
    store.channel().close();
  }

  /**
   * There is doubt whether the store is alive: waits for its answer to what the client has asked,
   * or asks it, if nothing is open (rule B9.4). Without effect while another question is open, and
   * where none may be asked.
   *
   * @param mayAsk whether a question of ours may be asked now
   * @param patienceNanos how long it may take to answer
   * @param silent done if it has not answered, or has refused what the client is in; not if the
   *     client took so little that the answer could not be read
   * @return whether it was asked
   */
  public boolean askStore(boolean mayAsk, long patienceNanos, Runnable silent) {
    boolean open = !closing && !diverted && !client.atEnd() && !store.atEnd() && !store.isGone();
    if (!open || question != null || !store.mayBeRead()) {
      return false;
    }
    byte[] words = mayAsk ? safePoints.ask() : new byte[0];
    if (words.length == 0 && !safePoints.clientAsks()) {
      return false;
    }
    question =
        new StoreQuestion(words.length > 0, patienceNanos, client.channel().eventLoop(), silent);
    if (words.length > 0) {
      ask(words);
    }
    return words.length > 0;
  }

  /** The question to the store that is open; null if there is none. */
  @Nullable StoreQuestion question() {
    return question;
  }

  /** Whether octets of that side are kept until the store has answered. */
  boolean holds(SpliceSide side) {
    return question != null && side == client && question.isOurs();
  }

  /**
   * Of a diverted splice: whether what that side sends has room. What the store says may be for the
   * client; what the client says is kept.
   */
  boolean takesDiverted(SpliceSide side) {
    return side == client || client.channel().isWritable();
  }

  /** That side is not read for now, since the other takes too little. */
  void notRead(SpliceSide side) {
    if (question != null && side == store) {
      question.delayed();
    }
  }

  /** What of these octets of the store is the client's while a question of ours is open. */
  ByteBuffer withoutAnswer(ByteBuffer octets) {
    return safePoints.withoutAnswer(octets);
  }

  /** That side sent something while the store owed an answer. */
  void heard(SpliceSide side) {
    StoreQuestion asked = question;
    if (side != store || asked == null) {
      return;
    }
    byte[] rest = safePoints.askOn();
    if (rest.length > 0) {
      ask(rest);
      asked.goesOn();
    }
    if (safePoints.isRefused()) {
      asked.fail();
    } else if (!safePoints.isAsking()) {
      answered();
    }
  }

  /** The question is answered: what the client sent meanwhile goes on its way. */
  private void answered() {
    boolean held = holds(client);
    leaveQuestion(true);
    if (held) {
      client.goOn();
    }
  }

  private void leaveQuestion(boolean passOn) {
    StoreQuestion left = question;
    if (left == null) {
      return;
    }
    question = null;
    for (ByteBuf octets : left.leave()) {
      if (passOn && !store.isGone()) {
        client.passOnSeen(octets);
      } else {
        octets.release();
      }
    }
  }

  /** The store has ended its direction: what it said instead of an answer is the client's. */
  void storeEnded(SpliceSide side) {
    if (side == store) {
      if (question != null) {
        answered();
      }
      byte[] words = safePoints.partingWords();
      saidGoodbye |= words.length > 0;
      store.passOn(Unpooled.wrappedBuffer(words));
    }
  }

  /** Octets that the client sent so far. */
  public long octetsToStore() {
    return client.octets();
  }

  /** Octets that the store sent so far. */
  public long octetsToClient() {
    return store.octets();
  }

  /** What follows the session. */
  public SafePoints safePoints() {
    return safePoints;
  }

  SpliceSide otherThan(SpliceSide side) {
    return side == client ? store : client;
  }

  void touch() {
    lastActivityNanos = now();
  }

  private long now() {
    return client.channel().eventLoop().ticker().nanoTime();
  }

  /** That side's peer ended the session, or broke off. */
  SpliceEnd.Reason closedBy(SpliceSide side) {
    return side == client ? SpliceEnd.Reason.CLIENT_CLOSED : SpliceEnd.Reason.STORE_CLOSED;
  }

  SpliceEnd.Reason resetBy(SpliceSide side) {
    return side == client ? SpliceEnd.Reason.CLIENT_RESET : SpliceEnd.Reason.STORE_RESET;
  }

  SpliceEnd.Reason vanishedBy(SpliceSide side) {
    return side == client ? SpliceEnd.Reason.CLIENT_VANISHED : SpliceEnd.Reason.STORE_VANISHED;
  }

  /**
   * Ends the session if the client's or the store's machine gives no sign of life (rule B2.36).
   * Call it now and then: the first time the system begins to ask the store.
   */
  public void look(Duration clientVanished, Duration storeVanished) {
    if (!watched) {
      watched = true;
      SignsOfLife.keepAlive(store.channel(), storeVanished);
    }
    client.look(clientVanished);
    store.look(storeVanished);
  }

  /** Remembers what came first. */
  void ending(SpliceEnd.Reason why) {
    if (reason == null) {
      reason = why;
      StoreLoss whose = loss;
      if (whose != null && why.byStore()) {
        whose.lost(why);
      }
    }
  }

  /** Closes both channels once what is pending for them has left; standstill is borne less long. */
  void end(SpliceEnd.Reason why) {
    ending(why);
    leaveQuestion(why != SpliceEnd.Reason.ENDED);
    boolean begins = !closing;
    closing = true;
    if (begins) {
      leaveMove();
    }
    endBehindPending(client);
    endBehindPending(store);
    if (begins && (client.channel().isOpen() || store.channel().isOpen())) {
      touch();
      schedule(Math.min(settings.closingLimit().toNanos(), settings.idleLimit().toNanos()));
    }
  }

  private static void endBehindPending(SpliceSide side) {
    side.stop();
    if (!side.isGone()) {
      BehindPending.close(side.channel());
    }
  }

  void channelClosed(SpliceEnd.Reason why) {
    if (!client.isGone() || !store.isGone()) {
      boolean kept = store.isGone() && !client.isGone() && holdsClient();
      if (!lingering && !kept) {
        end(why);
      }
      return;
    }
    ending(why);
    if (timer != null) {
      timer.cancel();
    }
    SpliceEnd.Reason first = reason;
    listener.accept(new SpliceEnd(first == null ? why : first, client.octets(), store.octets()));
  }

  private void schedule(long nanos) {
    if (timer != null) {
      timer.cancel();
    }
    timer = Deadline.after(nanos, client.channel().eventLoop(), this::checkIdle);
  }

  private void checkIdle() {
    if (held && !closing) {
      heldClientHears();
      return;
    }
    long pending = client.pendingOctets() + store.pendingOctets();
    long limit = (closing ? settings.closingLimit() : settings.idleLimit()).toNanos();
    if (lingering && pending == 0) {
      limit = Math.min(limit, LINGER_NANOS);
    }
    if (pending != pendingAtLastCheck) {
      pendingAtLastCheck = pending;
      touch();
    }
    long left = limit - (now() - lastActivityNanos);
    if (left > 0) {
      schedule(lingering ? Math.min(left, LINGER_NANOS) : left);
      return;
    }
    ending(SpliceEnd.Reason.IDLE);
    closeAll();
  }
}

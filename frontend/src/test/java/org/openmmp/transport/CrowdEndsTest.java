package org.openmmp.transport;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.embedded.EmbeddedChannel;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Who comes while a crowd's sessions end (rule B2.29): what is asserted is order, not time. */
final class CrowdEndsTest {
  private static final int CROWD = 400;
  private static final int PATIENCE_SECONDS = 60;

  /** A login that is on its way when a store dies is read before the last session has ended. */
  @ParameterizedTest
  @EnumSource(
      value = Transports.Kind.class,
      names = {"EPOLL", "NIO"})
  void whoComesDoesNotWaitForAllSessionsOfAStoreThatDied(Transports.Kind kind) throws Exception {
    List<SpliceRig.Pair> crowd = new ArrayList<>();
    try (SpliceRig rig = new SpliceRig(kind, SpliceSettings.DEFAULT)) {
      for (int i = 0; i < CROWD; i++) {
        crowd.add(rig.connect());
      }
      CompletableFuture<Integer> endedBefore = new CompletableFuture<>();
      Channel door = listen(rig.transports, () -> endedBefore.complete(rig.ends.size()));
      try (Held loop = new Held(rig.transports);
          Socket newcomer = connect(door)) {
        for (SpliceRig.Pair each : crowd) {
          each.close();
        }
        newcomer.getOutputStream().write('a');
        loop.goOn();
        int ended = endedBefore.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        assertTrue(ended < CROWD / 2, () -> ended + " sessions had ended before it was heard");
      }
      for (int i = 0; i < CROWD; i++) {
        assertEquals(SpliceEnd.Reason.class, rig.awaitEnd().reason().getDeclaringClass());
      }
    }
  }

  /** The same of sessions that an administrator, a drain or the end of the process ends. */
  @ParameterizedTest
  @EnumSource(
      value = Transports.Kind.class,
      names = {"EPOLL", "NIO"})
  void whoComesDoesNotWaitForAllThatAreKicked(Transports.Kind kind) throws Exception {
    Transports transports = Transports.open(kind, 1);
    Queue<Integer> ended = new ConcurrentLinkedQueue<>();
    CountDownLatch all = new CountDownLatch(CROWD);
    CompletableFuture<Integer> endedBefore = new CompletableFuture<>();
    Channel door = listen(transports, () -> endedBefore.complete(ended.size()));
    try (Held loop = new Held(transports);
        Socket newcomer = connect(door)) {
      for (int i = 0; i < CROWD; i++) {
        int number = i;
        SessionLoop session = new SessionLoop(door, () -> {}, () -> false);
        session.end(
            () -> {
              ended.add(number);
              all.countDown();
            });
      }
      newcomer.getOutputStream().write('a');
      loop.goOn();
      int before = endedBefore.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
      assertTrue(before < CROWD / 2, () -> before + " sessions had ended before it was heard");
      assertTrue(all.await(PATIENCE_SECONDS, TimeUnit.SECONDS));
      assertEquals(IntStream.range(0, CROWD).boxed().toList(), List.copyOf(ended));
    } finally {
      transports.close();
    }
  }

  /** The same of clients that have not logged in in time. */
  @ParameterizedTest
  @EnumSource(
      value = Transports.Kind.class,
      names = {"EPOLL", "NIO"})
  void whoComesDoesNotWaitForAllWhoseTimeIsOver(Transports.Kind kind) throws Exception {
    Transports transports = Transports.open(kind, 1);
    AtomicInteger ended = new AtomicInteger();
    CountDownLatch all = new CountDownLatch(CROWD);
    CompletableFuture<Integer> endedBefore = new CompletableFuture<>();
    Channel door = listen(transports, () -> endedBefore.complete(ended.get()));
    Runnable ends =
        () -> {
          ended.incrementAndGet();
          all.countDown();
        };
    try (Held loop = new Held(transports);
        Socket newcomer = connect(door)) {
      door.eventLoop()
          .execute(
              () -> {
                for (int i = 0; i < CROWD; i++) {
                  SessionLoop session = new SessionLoop(door, ends, () -> true);
                  session.tickAt(session.nowNanos());
                }
              });
      newcomer.getOutputStream().write('a');
      loop.goOn();
      int before = endedBefore.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
      assertTrue(before < CROWD / 2, () -> before + " sessions had ended before it was heard");
      assertTrue(all.await(PATIENCE_SECONDS, TimeUnit.SECONDS));
    } finally {
      transports.close();
    }
  }

  /** How clients go who have not logged in. */
  private enum Leave {
    /** The connection ends. */
    END,
    /** It ends, and half-closure is allowed, as it is of clients. */
    END_BY_HALVES,
    /** It breaks. */
    RESET
  }

  static Stream<Arguments> leaves() {
    return Stream.of(Transports.Kind.EPOLL, Transports.Kind.NIO)
        .flatMap(kind -> Stream.of(Leave.values()).map(how -> Arguments.of(kind, how)));
  }

  /** The same of clients that go before they have logged in. */
  @ParameterizedTest
  @MethodSource("leaves")
  void whoComesDoesNotWaitForAllThatGoBeforeTheirLogin(Transports.Kind kind, Leave how)
      throws Exception {
    Transports transports = Transports.open(kind, 1);
    AtomicInteger gone = new AtomicInteger();
    AtomicInteger came = new AtomicInteger();
    CountDownLatch all = new CountDownLatch(CROWD);
    CompletableFuture<Integer> goneBefore = new CompletableFuture<>();
    Channel clients = listenToClients(transports, how, gone, came, all);
    Channel door = listen(transports, () -> goneBefore.complete(gone.get()));
    List<Socket> crowd = new ArrayList<>();
    try (Socket newcomer = connect(door)) {
      for (int i = 0; i < CROWD; i++) {
        crowd.add(connect(clients));
      }
      while (came.get() < CROWD) {
        Thread.onSpinWait();
      }
      try (Held loop = new Held(transports)) {
        for (Socket each : crowd) {
          each.setSoLinger(how == Leave.RESET, 0);
          each.close();
        }
        newcomer.getOutputStream().write('a');
        loop.goOn();
        int before = goneBefore.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        assertTrue(before < CROWD / 2, () -> before + " had gone before it was heard");
      }
      assertTrue(all.await(PATIENCE_SECONDS, TimeUnit.SECONDS), () -> gone + " have gone");
    } finally {
      transports.close();
    }
  }

  /** A listener of sessions that have not logged in. */
  private static Channel listenToClients(
      Transports transports,
      Leave how,
      AtomicInteger gone,
      AtomicInteger came,
      CountDownLatch all) {
    return new ServerBootstrap()
        .group(transports.loops())
        .channel(transports.listening())
        .option(ChannelOption.SO_BACKLOG, CROWD)
        .childOption(ChannelOption.ALLOW_HALF_CLOSURE, how == Leave.END_BY_HALVES)
        .childHandler(
            new ChannelInitializer<Channel>() {
              @Override
              protected void initChannel(Channel client) {
                came.incrementAndGet();
                client
                    .pipeline()
                    .addLast(
                        new ClientHandler(
                            new QuietSession("client") {
                              @Override
                              public void clientFinished() {
                                client.close();
                              }

                              @Override
                              public void clientGone(String reason) {
                                gone.incrementAndGet();
                                all.countDown();
                              }
                            }));
              }
            })
        .bind(InetAddress.getLoopbackAddress(), 0)
        .syncUninterruptibly()
        .channel();
  }

  /** What is left to be ended when the loops end is ended then, in its order. */
  @Test
  void nothingIsLeftWhenTheLoopsEnd() throws Exception {
    Transports transports = Transports.open(Transports.Kind.NIO, 1);
    Queue<Integer> ended = new ConcurrentLinkedQueue<>();
    Channel door = listen(transports, () -> {});
    try (Held loop = new Held(transports)) {
      for (int i = 0; i < CROWD; i++) {
        int number = i;
        EventLoops.end(door, () -> ended.add(number));
      }
      transports
          .loops()
          .submit(() -> transports.loops().shutdownGracefully(0, 10, TimeUnit.SECONDS));
      loop.goOn();
    }
    transports.close();
    assertEquals(IntStream.range(0, CROWD).boxed().toList(), List.copyOf(ended));
  }

  /** One session's end that fails spoils no other's. */
  @Test
  void bugInOneEndIsThatSessionsOwn() throws Exception {
    Transports transports = Transports.open(Transports.Kind.NIO, 1);
    CompletableFuture<Throwable> heard = new CompletableFuture<>();
    CompletableFuture<Boolean> last = new CompletableFuture<>();
    Channel door = listen(transports, () -> {});
    door.pipeline()
        .addLast(
            new ChannelInboundHandlerAdapter() {
              @Override
              public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
                heard.complete(cause);
              }
            });
    try (Held loop = new Held(transports)) {
      for (int i = 0; i < CROWD; i++) {
        boolean fails = i == CROWD / 2;
        EventLoops.end(
            door,
            () -> {
              if (fails) {
                throw new IllegalStateException("a bug");
              }
            });
      }
      EventLoops.end(door, () -> last.complete(true));
      loop.goOn();
      assertEquals("a bug", heard.get(PATIENCE_SECONDS, TimeUnit.SECONDS).getMessage());
      assertTrue(last.get(PATIENCE_SECONDS, TimeUnit.SECONDS));
    } finally {
      transports.close();
    }
  }

  /** Where few end, and on a loop that is none of ours, each ends at once. */
  @Test
  void oneSessionEndsAtOnce() throws Exception {
    Transports transports = Transports.open(Transports.Kind.NIO, 1);
    Channel door = listen(transports, () -> {});
    EmbeddedChannel foreign = new EmbeddedChannel();
    List<String> done = new ArrayList<>();
    EventLoops.end(foreign, () -> done.add("foreign"));
    assertEquals(List.of("foreign"), done);
    foreign.finishAndReleaseAll();
    door.eventLoop()
        .submit(
            () -> {
              EventLoops.end(door, () -> done.add("ended"));
              done.add("behind it");
            })
        .get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    assertEquals(List.of("foreign", "ended", "behind it"), done);
    transports.close();
  }

  /** A listener whose clients are told of by the first octet that they send. */
  private static Channel listen(Transports transports, Runnable heard) {
    return new ServerBootstrap()
        .group(transports.loops())
        .channel(transports.listening())
        .childHandler(
            new ChannelInboundHandlerAdapter() {
              @Override
              public boolean isSharable() {
                return true;
              }

              @Override
              public void channelRead(ChannelHandlerContext ctx, Object message) {
                ((ByteBuf) message).release();
                heard.run();
              }
            })
        .bind(InetAddress.getLoopbackAddress(), 0)
        .syncUninterruptibly()
        .channel();
  }

  private static Socket connect(Channel door) throws Exception {
    InetSocketAddress address = (InetSocketAddress) door.localAddress();
    return new Socket(address.getAddress(), address.getPort());
  }

  /** The one loop of transports, which does nothing until it may go on. */
  private static final class Held implements AutoCloseable {
    private final CountDownLatch release = new CountDownLatch(1);

    Held(Transports transports) throws InterruptedException {
      CountDownLatch begun = new CountDownLatch(1);
      transports
          .loops()
          .execute(
              () -> {
                begun.countDown();
                try {
                  release.await();
                } catch (InterruptedException e) {
                  Thread.currentThread().interrupt();
                }
              });
      assertTrue(begun.await(PATIENCE_SECONDS, TimeUnit.SECONDS));
    }

    void goOn() {
      release.countDown();
    }

    @Override
    public void close() {
      goOn();
    }
  }
}

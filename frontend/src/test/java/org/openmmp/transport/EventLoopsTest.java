package org.openmmp.transport;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.slf4j.LoggerFactory;

/** What is open when event loops end. */
final class EventLoopsTest {
  private static final int LIMIT_MILLIS = 20_000;

  @ParameterizedTest
  @EnumSource(
      value = Transports.Kind.class,
      names = {"EPOLL", "NIO"})
  void channelsAreClosedWhicheverStepOfTheLoopItIsShutDownIn(Transports.Kind kind)
      throws Exception {
    InetAddress loopback = InetAddress.getLoopbackAddress();
    CountDownLatch accepted = new CountDownLatch(1);
    CountDownLatch left = new CountDownLatch(1);
    Transports transports = Transports.open(kind, 1);
    Channel listener =
        new ServerBootstrap()
            .group(transports.loops())
            .channel(transports.listening())
            .childHandler(
                new ChannelInboundHandlerAdapter() {
                  @Override
                  public void channelActive(ChannelHandlerContext ctx) {
                    accepted.countDown();
                  }

                  @Override
                  public void channelInactive(ChannelHandlerContext ctx) {
                    left.countDown();
                  }
                })
            .bind(loopback, 0)
            .syncUninterruptibly()
            .channel();
    int port = ((InetSocketAddress) listener.localAddress()).getPort();
    try (Socket client = new Socket(loopback, port)) {
      client.setSoTimeout(LIMIT_MILLIS);
      assertTrue(accepted.await(LIMIT_MILLIS, TimeUnit.MILLISECONDS));
      // A task runs behind the step in which a loop looks whether it has to close its channels.
      transports
          .loops()
          .submit(() -> transports.loops().shutdownGracefully(0, 10, TimeUnit.SECONDS));
      assertEquals(-1, client.getInputStream().read());
      assertTrue(left.await(LIMIT_MILLIS, TimeUnit.MILLISECONDS));
    }
    transports.close();
    assertThrows(ConnectException.class, () -> new Socket(loopback, port).close());
  }

  @Test
  void mistakeInARegularTaskCostsOneRunAndIsToldOnce() throws Exception {
    Logger logger = (Logger) LoggerFactory.getLogger(EventLoops.class);
    ListAppender<ILoggingEvent> lines = new ListAppender<>();
    lines.start();
    logger.addAppender(lines);
    logger.setAdditive(false);
    CountDownLatch runs = new CountDownLatch(3);
    try (Transports transports = Transports.open(Transports.Kind.NIO, 1)) {
      EventLoops.regularly(
          transports.loops(),
          1,
          () -> {
            runs.countDown();
            throw new IllegalStateException("a mistake");
          });
      assertTrue(runs.await(LIMIT_MILLIS, TimeUnit.MILLISECONDS));
    } finally {
      logger.detachAppender(lines);
      logger.setAdditive(true);
    }
    assertEquals(1, lines.list.size(), lines.list::toString);
  }
}

package org.openmmp.transport;

import io.netty.channel.Channel;
import io.netty.channel.ChannelOption;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.epoll.EpollTcpInfo;
import io.netty.channel.socket.nio.NioChannelOption;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.channel.unix.IntegerUnixChannelOption;
import io.netty.channel.uring.IoUringSocketChannel;
import io.netty.channel.uring.IoUringTcpInfo;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import jdk.net.ExtendedSocketOptions;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whether the machine at the other end of a connection is still there (rule B2.36).
 *
 * <p>While nothing is under way the system asks it: TCP keep-alive. That rests while something is
 * under way, and then TCP_INFO tells when the last acknowledgement came. TCP_USER_TIMEOUT would do
 * both in one, and is not used: it also ends a connection whose peer is alive and has no room, such
 * as a client that is paused, and a value that is long enough for those makes keep-alive wait as
 * long.
 */
public final class SignsOfLife {
  private static final Logger log = LoggerFactory.getLogger(SignsOfLife.class);

  private static final int IPPROTO_TCP = 6;
  private static final IntegerUnixChannelOption IDLE =
      new IntegerUnixChannelOption("TCP_KEEPIDLE", IPPROTO_TCP, 4);
  private static final IntegerUnixChannelOption INTERVAL =
      new IntegerUnixChannelOption("TCP_KEEPINTVL", IPPROTO_TCP, 5);
  private static final IntegerUnixChannelOption PROBES =
      new IntegerUnixChannelOption("TCP_KEEPCNT", IPPROTO_TCP, 6);

  /** Who leaves so many questions and repetitions in a row without an answer is not only slow. */
  private static final int MANY_TIMES = 3;

  /** How often a silent peer is asked. */
  private static final int TIMES = 5;

  private SignsOfLife() {}

  /**
   * Has the system ask the peer from half of that time on, and give the connection up at its end.
   * On Linux sockets that a listening one accepts do as it does.
   */
  static void keepAlive(Channel socket, Duration limit) {
    int idle = (int) Math.max(1, limit.toSeconds() / 2);
    int interval = Math.max(1, (int) (limit.toSeconds() - idle + TIMES - 1) / TIMES);
    try {
      if (!(socket instanceof NioServerSocketChannel)) {
        socket.config().setOption(ChannelOption.SO_KEEPALIVE, true);
      }
      if (socket instanceof NioSocketChannel) {
        socket.config().setOption(NioChannelOption.of(ExtendedSocketOptions.TCP_KEEPIDLE), idle);
        socket
            .config()
            .setOption(NioChannelOption.of(ExtendedSocketOptions.TCP_KEEPINTERVAL), interval);
        socket.config().setOption(NioChannelOption.of(ExtendedSocketOptions.TCP_KEEPCOUNT), TIMES);
      } else if (!(socket instanceof NioServerSocketChannel)) {
        socket.config().setOption(IDLE, idle);
        socket.config().setOption(INTERVAL, interval);
        socket.config().setOption(PROBES, TIMES);
      }
    } catch (RuntimeException cannot) { // it is closed, or this system has no such option
      log.debug("a connection keeps the system's times of keep-alive", cannot);
    }
  }

  /**
   * How long ago the peer acknowledged anything, in nanoseconds; 0 if what is under way to it was
   * not sent again and again, or the system does not tell; -1 if nothing is under way. On its event
   * loop.
   */
  static long unansweredNanos(Channel socket) {
    try {
      if (socket instanceof EpollSocketChannel epoll && epoll.isActive()) {
        EpollTcpInfo info = epoll.tcpInfo();
        return unanswered(info.unacked(), info.retransmits() + info.probes(), info.lastAckRecv());
      } else if (socket instanceof IoUringSocketChannel uring && uring.isActive()) {
        IoUringTcpInfo info = uring.tcpInfo();
        return unanswered(info.unacked(), info.retransmits() + info.probes(), info.lastAckRecv());
      }
    } catch (RuntimeException closed) {
      log.debug("a connection does not tell of its peer", closed);
    }
    return 0;
  }

  private static long unanswered(long underWay, int again, long ackMillis) {
    if (again >= MANY_TIMES) {
      return TimeUnit.MILLISECONDS.toNanos(ackMillis);
    }
    return underWay > 0 ? 0 : -1;
  }

  /** Whether a connection failed since its peer gave no sign of life. */
  static boolean isMissing(Throwable failure) {
    String message = failure.getMessage();
    return failure instanceof IOException
        && message != null
        && (message.contains("timed out") || message.contains("No route to host"));
  }
}

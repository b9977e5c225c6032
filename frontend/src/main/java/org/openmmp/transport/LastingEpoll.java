package org.openmmp.transport;

import io.netty.channel.IoEvent;
import io.netty.channel.IoHandle;
import io.netty.channel.IoHandler;
import io.netty.channel.IoHandlerContext;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.IoOps;
import io.netty.channel.IoRegistration;
import io.netty.channel.epoll.EpollIoEvent;
import io.netty.channel.epoll.EpollIoHandle;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollIoOps;
import io.netty.channel.unix.FileDescriptor;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Netty's epoll handler, made to keep a channel that waits for nothing.
 *
 * <p>Netty 4.2.18 takes such a channel out of epoll and fails to put it back: a connection whose
 * peer has ended its data could not be written to once its send buffer was full, nor read again
 * after a pause. Here it stays, edge-triggered, so that it is neither lost nor reported for ever.
 */
final class LastingEpoll implements IoHandler {
  private final IoHandler epoll;

  private LastingEpoll(IoHandler epoll) {
    this.epoll = epoll;
  }

  static IoHandlerFactory newFactory() {
    IoHandlerFactory factory = EpollIoHandler.newFactory();
    return executor -> new LastingEpoll(factory.newHandler(executor));
  }

  @Override
  public IoRegistration register(IoHandle handle) throws Exception {
    return new Lasting((EpollIoHandle) handle).registeredAt(epoll);
  }

  @Override
  public void initialize() {
    epoll.initialize();
  }

  @Override
  public int run(IoHandlerContext context) {
    return epoll.run(context);
  }

  @Override
  public void prepareToDestroy() {
    epoll.prepareToDestroy();
  }

  @Override
  public void destroy() {
    epoll.destroy();
  }

  @Override
  public void wakeup() {
    epoll.wakeup();
  }

  @Override
  public boolean isCompatible(Class<? extends IoHandle> handleType) {
    return epoll.isCompatible(handleType);
  }

  /**
   * A channel's registration between Netty and epoll.
   *
   * <p>What a channel waits for no more stays armed until it comes up: most channels wait for it
   * again before. Then it is kept from the channel and disarmed. A channel leaves when it closes,
   * and needs not be taken out before: the kernel does so with its socket.
   */
  @SuppressWarnings("try") // what closing a channel throws is Netty's to say
  private static final class Lasting implements IoRegistration, EpollIoHandle {
    private static final int IN = EpollIoOps.EPOLLIN.value();
    private static final int OUT = EpollIoOps.EPOLLOUT.value();
    private static final int RDHUP = EpollIoOps.EPOLLRDHUP.value();
    private static final int MAY_BE_UNWANTED = IN | OUT | RDHUP;

    private final EpollIoHandle channel;
    private @Nullable IoRegistration registration;

    /** What epoll was told; 0: nothing yet. */
    private int armed;

    private int wanted;
    private boolean leaves;

    Lasting(EpollIoHandle channel) {
      this.channel = channel;
    }

    Lasting registeredAt(IoHandler epoll) throws Exception {
      registration = epoll.register(this);
      return this;
    }

    private IoRegistration registration() {
      return Objects.requireNonNull(registration, "not registered");
    }

    /** Never tells epoll of an empty set of events once the channel is in epoll. */
    @Override
    public long submit(IoOps ops) {
      wanted = ((EpollIoOps) ops).value();
      if (wanted == 0) {
        return armed == 0 ? registration().submit(ops) : arm(EpollIoOps.EPOLLET.value());
      }
      // Almost every socket is writable: that would come up at once.
      if ((armed & wanted) == wanted && (armed & ~wanted & OUT) == 0) {
        return wanted;
      }
      // A stream that waits for nothing but its end is soon read.
      return arm((wanted & (OUT | RDHUP)) == RDHUP ? wanted | IN : wanted);
    }

    private long arm(int events) {
      armed = events;
      return registration().submit(EpollIoOps.valueOf(events));
    }

    @Override
    public void handle(IoRegistration by, IoEvent event) {
      int came = ((EpollIoEvent) event).ops().value();
      int unwanted = came & MAY_BE_UNWANTED & ~wanted;
      if (unwanted == 0) {
        channel.handle(this, event);
        return;
      }
      EpollIoOps rest = EpollIoOps.valueOf(came & ~unwanted);
      channel.handle(this, (EpollIoEvent) () -> rest);
      if ((unwanted & ~wanted) != 0 && (armed & unwanted) != 0) {
        arm(wanted == 0 ? EpollIoOps.EPOLLET.value() : wanted);
      }
    }

    @Override
    public FileDescriptor fd() {
      return leaves ? closed(channel.fd().intValue()) : channel.fd();
    }

    /** Of a socket that closes: Netty spares itself to take a closed one out of epoll. */
    private static FileDescriptor closed(int number) {
      return new FileDescriptor(number) {
        @Override
        public boolean isOpen() {
          return false;
        }
      };
    }

    @Override
    public void registered() {
      channel.registered();
    }

    @Override
    public void unregistered() {
      channel.unregistered();
    }

    @Override
    public void close() throws Exception {
      channel.close();
    }

    @Override
    @SuppressWarnings("TypeParameterUnusedInFormals") // it is the interface's
    public <T> T attachment() {
      return registration().attachment();
    }

    @Override
    public boolean isValid() {
      return registration().isValid();
    }

    @Override
    public boolean cancel() {
      leaves = true;
      return registration().cancel();
    }
  }
}

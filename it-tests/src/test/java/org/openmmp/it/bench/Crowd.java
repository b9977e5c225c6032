package org.openmmp.it.bench;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.codec.LineBasedFrameDecoder;
import io.netty.handler.codec.string.StringDecoder;
import io.netty.handler.codec.string.StringEncoder;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.openmmp.it.fixture.Await;

/**
 * Mail clients that stay logged in, each a person's: who loses his connection, or hears that he has
 * to wait, comes back at once, then after 1 s, 2 s, 4 s and so on to 10 s, each half of it at
 * random. Every ten seconds or so each asks for news, and gives a server up that is silent for a
 * minute; or each is in IDLE and waits for news.
 */
final class Crowd implements AutoCloseable {
  private static final int NEWS_MILLIS = 10_000;
  private static final int PATIENCE_MILLIS = 60_000;
  private static final int FIRST_PAUSE_MILLIS = 1_000;
  private static final int LONGEST_PAUSE_MILLIS = 10_000;
  private static final Duration ARRIVAL = Duration.ofMinutes(3);

  private final EventLoopGroup loops =
      new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
  private final EventLoop loop = loops.next();
  private final Random random = new Random(1);
  private static final String NEWS = "* " + (CrowdSite.MESSAGES + 1) + " EXISTS";

  private final int port;
  private final boolean idles;
  private final List<Person> people;
  private final AtomicInteger inside = new AtomicInteger();
  private final AtomicInteger wrong = new AtomicInteger();
  private volatile long faultNanos = Long.MAX_VALUE;

  Crowd(int port, int number, boolean idles) {
    this.port = port;
    this.idles = idles;
    this.people = IntStream.range(0, number).mapToObj(Person::new).toList();
  }

  /** The login name of the person of a number. */
  static String name(int number) {
    return "person" + number;
  }

  /** Brings everybody in, 400 a second, and waits for that. */
  void arrive() {
    for (Person each : people) {
      loop.schedule(each::connect, each.number * 2_500L, TimeUnit.MICROSECONDS);
    }
    Await.until(() -> inside.get() + " inside", ARRIVAL, () -> inside.get() == people.size());
  }

  /** From now on it is counted how long each is away. */
  void fault() {
    wrong.set(0);
    people.forEach(
        each -> {
          each.backMillis = -1;
          each.newsMillis = -1;
        });
    faultNanos = System.nanoTime();
  }

  /** Milliseconds after the fault until that share of all had been let in since. */
  String backMillis(double share) {
    int[] back = people.stream().mapToInt(each -> each.backMillis).filter(t -> t >= 0).toArray();
    Arrays.sort(back);
    int needed = (int) Math.ceil(people.size() * share);
    return back.length < needed ? back.length + " of " + people.size() : back[needed - 1] + " ms";
  }

  /** How everybody's first session since the fault has ended, and how often; "": it goes on. */
  Map<String, Integer> ends() {
    Map<String, Integer> ends = new TreeMap<>();
    people.forEach(each -> ends.merge(each.end, 1, Integer::sum));
    return ends;
  }

  /** How many have heard what is new at the other stores, in the session that they had. */
  long told() {
    return people.stream().filter(each -> each.newsMillis >= 0 && each.end.isEmpty()).count();
  }

  /** Milliseconds after the fault until that share of those had. */
  String newsMillis(double share) {
    int[] told =
        people.stream()
            .filter(each -> each.newsMillis >= 0 && each.end.isEmpty())
            .mapToInt(each -> each.newsMillis)
            .sorted()
            .toArray();
    return told.length == 0
        ? "none"
        : told[Math.max((int) Math.ceil(told.length * share) - 1, 0)] + " ms";
  }

  /** How many have been let in since the fault. */
  long back() {
    return people.stream().filter(each -> each.backMillis >= 0).count();
  }

  /** Answers since the fault that say of a right password that it is wrong. */
  int wrongAnswers() {
    return wrong.get();
  }

  @Override
  public void close() {
    List<Channel> open = new ArrayList<>();
    people.forEach(
        each -> {
          each.gone = true;
          if (each.channel != null) {
            open.add(each.channel);
          }
        });
    open.forEach(Channel::close);
    loops.shutdownGracefully(0, 5, TimeUnit.SECONDS).awaitUninterruptibly();
  }

  /** One client. */
  private final class Person {
    private final int number;
    private volatile int backMillis = -1;
    private volatile int newsMillis = -1;
    private volatile String end = "";
    private volatile boolean gone;
    private volatile @Nullable Channel channel;
    private int pauseMillis;

    Person(int number) {
      this.number = number;
    }

    void connect() {
      if (gone) {
        return;
      }
      ChannelFuture dialled =
          new Bootstrap()
              .group(loop)
              .channel(NioSocketChannel.class)
              .option(ChannelOption.TCP_NODELAY, true)
              .handler(
                  new ChannelInitializer<SocketChannel>() {
                    @Override
                    protected void initChannel(SocketChannel opened) {
                      opened
                          .pipeline()
                          .addLast(
                              new LineBasedFrameDecoder(8_192),
                              new StringDecoder(StandardCharsets.ISO_8859_1),
                              new StringEncoder(StandardCharsets.ISO_8859_1),
                              new Talk(Person.this));
                    }
                  })
              .connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
      channel = dialled.channel();
      dialled.addListener(
          done -> {
            if (!done.isSuccess()) {
              comeBack();
            }
          });
    }

    void comeBack() {
      int pause = pauseMillis == 0 ? 0 : pauseMillis / 2 + random.nextInt(pauseMillis / 2);
      pauseMillis =
          pauseMillis == 0 ? FIRST_PAUSE_MILLIS : Math.min(pauseMillis * 2, LONGEST_PAUSE_MILLIS);
      loop.schedule(this::connect, pause, TimeUnit.MILLISECONDS);
    }

    void letIn() {
      pauseMillis = 0;
      long after = System.nanoTime() - faultNanos;
      if (faultNanos != Long.MAX_VALUE && backMillis < 0) {
        backMillis = (int) TimeUnit.NANOSECONDS.toMillis(after);
      }
    }
  }

  /** One connection of a client. */
  private final class Talk extends SimpleChannelInboundHandler<String> {
    private final Person person;
    private boolean greeted;
    private boolean letIn;
    private boolean waiting;
    private long askedNanos;
    private String goodbye = "no words";

    Talk(Person person) {
      this.person = person;
    }

    @Override
    public void channelActive(ChannelHandlerContext server) {
      ask();
      watch(server);
    }

    private void ask() {
      waiting = true;
      askedNanos = System.nanoTime();
    }

    private void watch(ChannelHandlerContext server) {
      loop.schedule(
          () -> {
            if (!server.channel().isActive()) {
              return;
            }
            if (waiting
                && System.nanoTime() - askedNanos
                    > TimeUnit.MILLISECONDS.toNanos(PATIENCE_MILLIS)) {
              server.close();
              return;
            }
            if (letIn && !waiting && !idles) {
              ask();
              server.writeAndFlush("n NOOP\r\n");
            }
            watch(server);
          },
          NEWS_MILLIS / 2 + random.nextInt(NEWS_MILLIS),
          TimeUnit.MILLISECONDS);
    }

    @Override
    protected void channelRead0(ChannelHandlerContext server, String line) {
      if (!greeted) {
        greeted = true;
        ask();
        server.writeAndFlush("a LOGIN " + name(person.number) + "@example.com secret\r\n");
      } else if (idles && line.startsWith("a OK")) {
        server.writeAndFlush("s SELECT INBOX\r\n");
      } else if (idles && line.startsWith("s OK")) {
        server.writeAndFlush("i IDLE\r\n");
      } else if (line.equals(NEWS) && letIn && faultNanos != Long.MAX_VALUE) {
        person.newsMillis = (int) TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - faultNanos);
      } else if (line.startsWith("* BYE") && letIn) {
        goodbye = line;
      } else if (line.startsWith(idles ? "+" : "a OK")) {
        waiting = false;
        letIn = true;
        inside.incrementAndGet();
        person.letIn();
      } else if (line.startsWith("a ")) {
        if (!line.contains("[UNAVAILABLE]") && !line.contains("[LIMIT]")) {
          wrong.incrementAndGet();
        }
        server.close();
      } else if (line.startsWith("n ")) {
        waiting = false;
      }
    }

    @Override
    public void channelInactive(ChannelHandlerContext server) {
      if (letIn) {
        inside.decrementAndGet();
        if (faultNanos != Long.MAX_VALUE && person.end.isEmpty()) {
          person.end = goodbye;
        }
      }
      person.comeBack();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext server, Throwable reset) {
      server.close();
    }
  }
}

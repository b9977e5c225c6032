package org.openmmp.it.bench;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.LineBasedFrameDecoder;
import io.netty.handler.codec.string.StringDecoder;
import io.netty.handler.codec.string.StringEncoder;
import io.netty.util.Attribute;
import io.netty.util.AttributeKey;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.function.Supplier;

/**
 * A replica of an IMAP and LMTP store as a process of its own: one thread, thousands of sessions,
 * and logins that cost their time one after the other; every mailbox is the same. {@code XMASTER
 * address} tells it who is the master; everybody else refers there. {@code XLOGINS} lists how many
 * it let in, by the second. It prints a line for each message that it takes.
 */
final class CrowdStore extends SimpleChannelInboundHandler<String> {
  /** What a login costs the store: it lets 500 a second in. */
  private static final long LOGIN_NANOS = 2_000_000;

  /** The tag of a login whose name and password come as literals, as nginx sends them. */
  private static final AttributeKey<String> OPEN = AttributeKey.valueOf("open");

  /** The tag of an IDLE. */
  private static final AttributeKey<String> IDLE = AttributeKey.valueOf("idle");

  private static final String CAPABILITIES =
      "IMAP4rev1 IDLE ENABLE ESEARCH CONDSTORE QRESYNC LITERAL+";

  private static final int SECONDS = 600;
  private static final int LONGEST_LINE = 8_192;

  private final String address;
  private final int port;
  private final int messages;
  private final long began = System.nanoTime();
  private final AtomicIntegerArray logins = new AtomicIntegerArray(SECONDS);
  private String master = "";
  private long free = began;

  private CrowdStore(String address, int port, int messages) {
    this.address = address;
    this.port = port;
    this.messages = messages;
  }

  /** Serves at an address and port until the process is ended. */
  public static void main(String[] arguments) throws InterruptedException {
    CrowdStore store =
        new CrowdStore(
            arguments[0], Integer.parseInt(arguments[1]), Integer.parseInt(arguments[2]));
    EventLoopGroup loop = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    store.listen(loop, CrowdSite.LMTP_PORT, () -> new CrowdMail(store::refersTo)).sync();
    store.listen(loop, store.port, () -> store).sync().channel().closeFuture().sync();
  }

  private ChannelFuture listen(EventLoopGroup loop, int at, Supplier<ChannelHandler> protocol) {
    return new ServerBootstrap()
        .group(loop)
        .channel(NioServerSocketChannel.class)
        .option(ChannelOption.SO_BACKLOG, 4_096)
        .childOption(ChannelOption.TCP_NODELAY, true)
        .childHandler(
            new ChannelInitializer<SocketChannel>() {
              @Override
              protected void initChannel(SocketChannel channel) {
                channel
                    .pipeline()
                    .addLast(
                        new LineBasedFrameDecoder(LONGEST_LINE),
                        new StringDecoder(StandardCharsets.ISO_8859_1),
                        new StringEncoder(StandardCharsets.ISO_8859_1),
                        protocol.get());
              }
            })
        .bind(address, at);
  }

  /** The master, if it is another one; else an empty text. */
  private String refersTo() {
    return master.equals(address) ? "" : master;
  }

  @Override
  public boolean isSharable() {
    return true;
  }

  @Override
  public void channelActive(ChannelHandlerContext client) {
    client.writeAndFlush("* OK [CAPABILITY IMAP4rev1 SASL-IR LITERAL+ AUTH=PLAIN ID] ready\r\n");
  }

  @Override
  protected void channelRead0(ChannelHandlerContext client, String line) {
    Attribute<String> open = client.channel().attr(OPEN);
    if (line.endsWith("}")) {
      open.setIfAbsent(line.substring(0, line.indexOf(' ')));
      client.writeAndFlush("+ go on\r\n");
      return;
    }
    String begun = open.getAndSet(null);
    if (begun != null) {
      logIn(client, begun);
      return;
    }
    String[] words = line.split(" ", 3);
    String tag = words[0];
    String idle = client.channel().attr(IDLE).getAndSet(null);
    if (idle != null) {
      client.writeAndFlush(idle + " OK done\r\n");
      return;
    }
    switch (words.length < 2 ? "" : words[1].toUpperCase(Locale.ROOT)) {
      case "AUTHENTICATE", "LOGIN" -> logIn(client, tag);
      case "XMASTER" -> {
        master = words[2];
        client.writeAndFlush(tag + " OK\r\n");
      }
      case "XLOGINS" -> client.writeAndFlush("* LOGINS" + told() + "\r\n" + tag + " OK\r\n");
      case "SELECT", "EXAMINE" ->
          client.writeAndFlush(
              selected(line.contains("QRESYNC")) + tag + " OK [READ-WRITE] in\r\n");
      case "UID" ->
          client.writeAndFlush(
              "* ESEARCH (TAG \"%1$s\") UID ALL 1:%2$d\r\n%1$s OK found\r\n"
                  .formatted(tag, messages));
      case "ENABLE" ->
          client.writeAndFlush("* ENABLED " + words[2] + "\r\n" + tag + " OK done\r\n");
      case "IDLE" -> {
        client.channel().attr(IDLE).set(tag);
        client.writeAndFlush("+ idling\r\n");
      }
      case "LOGOUT" ->
          client.writeAndFlush("* BYE\r\n" + tag + " OK\r\n").addListener(sent -> client.close());
      default -> client.writeAndFlush(tag + " OK done\r\n");
    }
  }

  private void logIn(ChannelHandlerContext client, String tag) {
    if (!master.equals(address)) {
      client.writeAndFlush(
          "%s NO [REFERRAL imap://x;AUTH=*@%s:%d/] not the master\r\n"
              .formatted(tag, master, port));
      return;
    }
    long now = System.nanoTime();
    free = Math.max(free, now) + LOGIN_NANOS;
    client
        .executor()
        .schedule(
            () -> {
              if (client.channel().isActive()) {
                logins.incrementAndGet(
                    (int) TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - began) % SECONDS);
                client.writeAndFlush(tag + " OK [CAPABILITY " + CAPABILITIES + "] in\r\n");
              }
            },
            free - now,
            TimeUnit.NANOSECONDS);
  }

  /** The mailbox; with what has changed since it had those messages of the first store. */
  private String selected(boolean changes) {
    String newest =
        changes && messages > CrowdSite.MESSAGES
            ? "* %1$d FETCH (UID %1$d FLAGS () MODSEQ (%2$d))\r\n"
                .formatted(messages, 100 + messages)
            : "";
    return """
    * FLAGS (\\Answered \\Seen)\r
    * OK [PERMANENTFLAGS (\\Answered \\Seen \\*)] flags\r
    * %1$d EXISTS\r
    * 0 RECENT\r
    * OK [UIDVALIDITY 7] valid\r
    * OK [UIDNEXT %2$d] next\r
    * OK [HIGHESTMODSEQ %3$d] newest\r
    """
            .formatted(messages, messages + 1, 100 + messages)
        + newest;
  }

  private String told() {
    StringBuilder counts = new StringBuilder();
    for (int second = 0; second < SECONDS; second++) {
      counts.append(' ').append(logins.getAndSet(second, 0));
    }
    return counts.toString();
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext client, Throwable reset) {
    client.close();
  }
}

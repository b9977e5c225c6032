package org.openmmp.it.bench;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One LMTP connection to a {@link CrowdStore}. A message is written down, as a line of the process,
 * before its reply leaves: what was said to be there outlives the store.
 */
final class CrowdMail extends SimpleChannelInboundHandler<String> {
  /** What writing a message down costs, beside others. */
  private static final long COMMIT_MILLIS = 10;

  private static final Pattern NUMBER = Pattern.compile("Subject: number (\\d+)");

  private final Supplier<String> refersTo;
  private final List<String> recipients = new ArrayList<>();
  private boolean inMessage;
  private String number = "";

  /**
   * One connection.
   *
   * @param refersTo whom it names instead of itself; empty if nobody
   */
  CrowdMail(Supplier<String> refersTo) {
    this.refersTo = refersTo;
  }

  @Override
  public void channelActive(ChannelHandlerContext client) {
    String master = refersTo.get();
    say(
        client,
        "220 store LMTP ready" + (master.isEmpty() ? "" : " [REFERRAL lmtp://" + master + "/]"));
  }

  private static void say(ChannelHandlerContext client, String lines) {
    client.writeAndFlush(lines + "\r\n");
  }

  @Override
  protected void channelRead0(ChannelHandlerContext client, String line) {
    if (inMessage) {
      read(client, line);
      return;
    }
    switch (line.split(" ", 2)[0].toUpperCase(Locale.ROOT)) {
      case "LHLO" -> say(client, "250-store\r\n250-PIPELINING\r\n250 ENHANCEDSTATUSCODES");
      case "RCPT" -> {
        recipients.add(line);
        say(client, "250 2.1.5 OK");
      }
      case "DATA" -> {
        inMessage = true;
        say(client, "354 go on");
      }
      case "RSET" -> {
        recipients.clear();
        say(client, "250 2.0.0 OK");
      }
      case "QUIT" -> client.writeAndFlush("221 2.0.0 bye\r\n").addListener(sent -> client.close());
      default -> say(client, "250 2.0.0 OK");
    }
  }

  private void read(ChannelHandlerContext client, String line) {
    Matcher subject = NUMBER.matcher(line);
    if (subject.matches()) {
      number = subject.group(1);
    } else if (line.equals(".")) {
      inMessage = false;
      client.executor().schedule(() -> take(client), COMMIT_MILLIS, TimeUnit.MILLISECONDS);
    }
  }

  private void take(ChannelHandlerContext client) {
    System.out.println("took " + number + " " + System.currentTimeMillis());
    recipients.forEach(each -> say(client, "250 2.0.0 stored"));
    recipients.clear();
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext client, Throwable reset) {
    client.close();
  }
}

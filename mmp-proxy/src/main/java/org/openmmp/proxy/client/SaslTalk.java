package org.openmmp.proxy.client;

import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.openmmp.guard.Farewell;
import org.openmmp.wire.LineFramer;
import org.openmmp.wire.StrictBase64;

/**
 * The lines of a client that logs in by SASL: its exchange with the proxy, until that knows who it
 * is, and then its responses to a store where the mechanism is between the two.
 */
final class SaslTalk {
  private static final String MALFORMED = "Invalid response for this mechanism.";

  private final PreAuthTalk talk;
  private final PreAuthReplies replies;
  private final LineFramer octets;
  private @Nullable SaslExchange exchange;
  private String tag = "";

  SaslTalk(PreAuthTalk talk, PreAuthReplies replies, LineFramer octets) {
    this.talk = talk;
    this.replies = replies;
    this.octets = octets;
  }

  void begin(String itsTag, SaslExchange begun, byte @Nullable [] initialResponse) {
    tag = itsTag;
    exchange = begun;
    follow(begun, begun.start(initialResponse));
  }

  /** Takes the next response of the exchange under way; false if it is not there yet. */
  boolean readResponse() {
    byte[] line = nextLine();
    if (line == null) {
      return false;
    }
    SaslExchange underWay = Objects.requireNonNull(exchange, "no exchange is under way");
    if (cancels(line)) {
      endExchange();
      talk.say(replies.cancelled(tag));
    } else {
      follow(underWay, underWay.respond(line));
    }
    return true;
  }

  /** Takes the next response to the store that asked; false if it is not there yet. */
  boolean readResponseToStore() {
    byte[] line = nextLine();
    if (line == null) {
      return false;
    }
    if (cancels(line)) {
      talk.giveUp(replies.cancelled(tag));
    } else if (StrictBase64.decode(line) == null) {
      talk.giveUp(replies.bad(tag, MALFORMED));
    } else {
      talk.respond(line);
    }
    return true;
  }

  /** The next line without the spaces that old clients put behind it. */
  private byte @Nullable [] nextLine() {
    byte[] line = octets.line();
    if (line == null) {
      if (octets.tooLong()) {
        talk.close(Farewell.PROTOCOL_ABUSE);
      }
      return null;
    }
    int end = line.length;
    while (end > 0 && line[end - 1] == ' ') {
      end--;
    }
    if (end == line.length) {
      return line;
    }
    byte[] stripped = Arrays.copyOf(line, end);
    Arrays.fill(line, (byte) 0);
    return stripped;
  }

  private static boolean cancels(byte[] line) {
    return line.length == 1 && line[0] == '*';
  }

  private void follow(SaslExchange underWay, SaslExchange.Progress progress) {
    switch (progress) {
      case CHALLENGE -> talk.say(replies.challenge(underWay.challenge()));
      case COMPLETE -> {
        endExchange();
        talk.logIn(tag, underWay.credentials());
      }
      case MALFORMED -> {
        endExchange();
        talk.bad(tag, MALFORMED);
      }
      case REFUSED -> {
        endExchange();
        talk.failed(replies.authenticationFailed(tag));
      }
      case NAMELESS -> {
        endExchange();
        talk.failed(replies.nameless(tag));
      }
    }
  }

  private void endExchange() {
    exchange = null;
    talk.endExchange();
  }
}

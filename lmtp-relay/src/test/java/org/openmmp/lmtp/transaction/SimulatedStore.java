package org.openmmp.lmtp.transaction;

import java.util.ArrayList;
import java.util.List;

/** A host's end of one connection: commands in, replies out; an empty one stands for the end. */
final class SimulatedStore {
  /** The connection ends. */
  static final String END = "";

  private final SimulatedHost host;
  private final List<String> accepted = new ArrayList<>();
  private final StringBuilder lines = new StringBuilder();
  private boolean dead;

  SimulatedStore(SimulatedHost host) {
    this.host = host;
  }

  SimulatedHost host() {
    return host;
  }

  /** What is said first; nothing if nothing is. */
  List<String> greeting() {
    return switch (host.fate) {
      case NEVER_GREETS -> List.of();
      case GREETS_WITH_421 -> say("421 4.3.2 not now");
      case GREETS_WITH_GARBAGE -> say("hello there");
      default -> say(host.greeting);
    };
  }

  /** Octets that came. */
  List<String> onOctets(String octets) {
    lines.append(octets);
    List<String> replies = new ArrayList<>();
    for (int end = lines.indexOf("\r\n"); end >= 0 && !dead; end = lines.indexOf("\r\n")) {
      String line = lines.substring(0, end);
      lines.delete(0, end + 2);
      host.commands.add(line);
      List<String> some = withSurplus(line.substring(0, Math.min(4, line.length())), obey(line));
      replies.addAll(some);
      dead = some.contains(END);
    }
    return replies;
  }

  private List<String> obey(String line) {
    if (line.startsWith("LHLO ")) {
      return host.fate == Fate.REFUSES_LHLO ? say("451 4.3.0 no") : say(offer());
    } else if (line.startsWith("MAIL ")) {
      accepted.clear();
      return mail();
    } else if (line.startsWith("RCPT ")) {
      return rcpt(line.substring(line.indexOf('<') + 1, line.indexOf('>')));
    } else if (line.equals("DATA")) {
      return data();
    } else if (line.equals("RSET")) {
      accepted.clear();
      return say("250 2.0.0 OK");
    }
    return say("500 5.5.2 what?");
  }

  private List<String> withSurplus(String command, List<String> replies) {
    String surplus = replies.contains(END) ? null : host.surplusBehind(command);
    if (surplus == null) {
      return replies;
    }
    List<String> all = new ArrayList<>(replies);
    all.add(surplus + "\r\n");
    return all;
  }

  private String offer() {
    StringBuilder reply = new StringBuilder("250-store");
    host.extensions.forEach(each -> reply.append("\r\n250-").append(each));
    return reply.append("\r\n250 X-SIMULATED").toString();
  }

  private List<String> mail() {
    return switch (host.fate) {
      case REFUSES_MAIL_FOR_NOW -> say("451 4.3.0 later");
      case REFUSES_MAIL_FOR_GOOD -> say("550 5.7.1 not from you");
      case LEAVES_AT_MAIL -> end("421 4.3.2 going down");
      case DIES_AT_MAIL -> end();
      case NEVER_ANSWERS_MAIL -> List.of();
      default -> say("250 2.1.0 OK");
    };
  }

  private List<String> rcpt(String address) {
    return switch (host.fate) {
      case DIES_AT_RCPT -> end();
      case NEVER_ANSWERS_MAIL -> List.of();
      case REFUSES_MAIL_FOR_NOW, REFUSES_MAIL_FOR_GOOD -> say("503 5.5.1 MAIL first");
      default -> {
        String reply = host.rcptReply(address);
        if (reply.startsWith("2")) {
          accepted.add(address);
        }
        yield say(reply);
      }
    };
  }

  private List<String> data() {
    return switch (host.fate) {
      case REFUSES_DATA_FOR_NOW -> say("451 4.3.0 no space");
      case REFUSES_DATA_FOR_GOOD -> say("554 5.6.0 never");
      case DIES_AT_DATA -> end();
      case NEVER_ANSWERS_DATA -> List.of();
      default -> say("354 go on");
    };
  }

  /** A chunk that is not the last. */
  List<String> onChunk() {
    return say("250 2.0.0 chunk");
  }

  /** The whole message with its end. */
  List<String> onMessage(String message) {
    SimulatedHost.Delivery delivery =
        new SimulatedHost.Delivery(List.copyOf(accepted), message, new ArrayList<>());
    host.deliveries.add(delivery);
    List<String> replies = new ArrayList<>();
    for (String address : delivery.recipients()) {
      boolean silent =
          host.fate == Fate.NEVER_ANSWERS_DOT
              || host.fate == Fate.DIES_AFTER_DOT
              || (host.fate == Fate.DIES_AFTER_ONE_REPLY && !delivery.replied().isEmpty());
      if (!silent) {
        delivery.replied().add(address);
        replies.add(host.finalReply(address) + "\r\n");
      }
    }
    if (host.fate == Fate.DIES_AFTER_DOT || host.fate == Fate.DIES_AFTER_ONE_REPLY) {
      replies.add(END);
    }
    accepted.clear();
    return withSurplus("DOT", replies);
  }

  private static List<String> say(String reply) {
    return List.of(reply + "\r\n");
  }

  private static List<String> end(String... words) {
    List<String> all = new ArrayList<>();
    for (String word : words) {
      all.add(word + "\r\n");
    }
    all.add(END);
    return all;
  }
}

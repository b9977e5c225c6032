package org.openmmp.proxy.imap;

import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.openmmp.config.ImapConfig;
import org.openmmp.guard.Farewell;
import org.openmmp.proxy.client.MechanismOffer;
import org.openmmp.proxy.client.PreAuthTalk;
import org.openmmp.wire.LineFramer;
import org.openmmp.wire.LoginOctets;
import org.openmmp.wire.Mechanism;

/** The commands that an IMAP client may give before login, and what it is offered (rule B3.1). */
final class ImapPreAuth implements PreAuthTalk.Commands {
  /** Of a literal that every client may send without being asked (RFC 7888 section 5). */
  private static final int LITERAL_MINUS_OCTETS = 4096;

  private final PreAuthTalk talk;
  private final String hostName;
  private final ImapConfig config;
  private final AtomicReference<Map.@Nullable Entry<MechanismOffer, String>> greeted;
  private final ImapCommandFramer framer;

  /**
   * The commands of one client in its present state.
   *
   * @param greeted what the last client was offered, and its greeting: most hear the same
   */
  ImapPreAuth(
      PreAuthTalk talk,
      LineFramer octets,
      String hostName,
      ImapConfig config,
      AtomicReference<Map.@Nullable Entry<MechanismOffer, String>> greeted) {
    this.talk = talk;
    this.hostName = hostName;
    this.config = config;
    this.greeted = greeted;
    int mostOctets = config.preAuth().lineOctets() + 4 * config.maxLiteralOctets();
    this.framer = new ImapCommandFramer(octets, config.maxLiteralOctets(), mostOctets);
  }

  @Override
  public String greeting() {
    MechanismOffer offer = talk.offer();
    Map.Entry<MechanismOffer, String> last = greeted.get();
    if (last != null && last.getKey().isLike(offer)) {
      return last.getValue();
    }
    String greeting = ImapReplies.greeting(capabilities(offer), hostName);
    greeted.set(Map.entry(offer, greeting));
    return greeting;
  }

  @Override
  public int held() {
    return framer.held();
  }

  @Override
  public void forget() {
    framer.drop();
  }

  @Override
  public boolean obeyNext() {
    return switch (framer.next(nonSynchronizingOctets())) {
      case MORE_NEEDED -> false;
      case COMMAND -> {
        obey(framer.command());
        framer.drop();
        yield true;
      }
      case LITERAL_ANNOUNCED -> {
        judgeAnnounced(framer.command());
        yield true;
      }
      case LITERAL_TOO_BIG -> {
        talk.bad(framer.command().tag(), "Literal too big.");
        framer.drop();
        yield true;
      }
      case UNUSABLE -> {
        talk.close(Farewell.PROTOCOL_ABUSE);
        yield false;
      }
    };
  }

  /** A secret is not asked for where it may not be sent (rule B3.2). */
  private void judgeAnnounced(ImapCommand command) {
    boolean logsIn = command.name().equals("LOGIN");
    if (logsIn && !talk.offer().takesSecrets()) {
      talk.needsPrivacy(command.tag());
      framer.drop();
    } else if (logsIn || command.name().equals("ID")) {
      talk.say("+ Go on.\r\n");
      framer.goOn();
    } else {
      talk.bad(command.tag(), "No such command before login, or no literal in it.");
      framer.drop();
    }
  }

  private void obey(ImapCommand command) {
    String tag = command.tag();
    switch (command.name()) {
      case "LOGIN" -> logIn(tag, command);
      case "AUTHENTICATE" -> authenticate(tag, command);
      case "ID" -> id(tag, command);
      // Clients that ask too early go on as if nothing was enabled, as they do with Dovecot.
      case "ENABLE" -> talk.say(ImapReplies.tagged(tag, "OK Nothing is enabled before login."));
      case "CAPABILITY", "NOOP", "LOGOUT", "STARTTLS" -> {
        if (command.atEnd()) {
          obeyBare(command.name(), tag);
        } else {
          talk.bad(tag, "This command has no arguments.");
        }
      }
      default ->
          talk.bad(tag, tag.isEmpty() ? "Invalid tag." : "Not a command, or not one before login.");
    }
  }

  private void obeyBare(String name, String tag) {
    switch (name) {
      case "CAPABILITY" ->
          talk.say(
              ImapReplies.capability(capabilities(talk.offer()))
                  + ImapReplies.tagged(tag, "OK That is what there is before login."));
      case "NOOP" -> talk.say(ImapReplies.tagged(tag, "OK Nothing done."));
      case "LOGOUT" -> talk.logOut(tag);
      default -> {
        if (offersTls()) {
          talk.startTls(tag);
        } else {
          talk.bad(tag, "TLS is there already, or cannot be begun here.");
        }
      }
    }
  }

  private void id(String tag, ImapCommand arguments) {
    ImapId id = ImapId.parse(arguments);
    if (id == null) {
      talk.bad(tag, "Malformed ID, or a field that is too long.");
      return;
    }
    if (talk.takesClaims()) {
      talk.claimed(id.claims());
    }
    talk.say(ImapReplies.ID + ImapReplies.tagged(tag, "OK Pleased to meet you."));
  }

  private void logIn(String tag, ImapCommand arguments) {
    if (!talk.offer().takesSecrets()) {
      talk.needsPrivacy(tag);
      return;
    }
    byte[] name = arguments.takeSpaces() ? arguments.astring() : null;
    byte[] password = name != null && arguments.takeSeparator() ? arguments.astring() : null;
    String loginName = name == null ? null : LoginOctets.name(name);
    if (loginName == null
        || password == null
        || !arguments.atEnd()
        || !LoginOctets.isPassword(password)) {
      if (password != null) {
        Arrays.fill(password, (byte) 0);
      }
      talk.bad(tag, "LOGIN takes a name and a password.");
    } else {
      talk.logInByCommand(tag, loginName, password);
    }
  }

  private void authenticate(String tag, ImapCommand arguments) {
    String name = arguments.takeSpaces() ? arguments.atom() : null;
    byte[] initialResponse = arguments.takeSpaces() ? arguments.word() : null;
    if (name == null || !arguments.atEnd()) {
      talk.bad(tag, "AUTHENTICATE takes a mechanism and an initial response.");
      return;
    }
    talk.authenticate(tag, name, initialResponse);
  }

  private boolean offersTls() {
    return config.listen().startTls() && !talk.client().tls();
  }

  /** The longest literal that may come without being asked for (RFC 7888 section 5). */
  private int nonSynchronizingOctets() {
    int limit = config.maxLiteralOctets();
    return talk.offer().stores().names().contains("LITERAL+")
        ? limit
        : Math.min(limit, LITERAL_MINUS_OCTETS);
  }

  /** The list for the greeting and for CAPABILITY, without that word (rules B3.2, B3.3). */
  private String capabilities(MechanismOffer offer) {
    StringBuilder list = new StringBuilder(256);
    for (String name : offer.stores().names()) {
      list.append(name).append(' ');
    }
    if (offersTls()) {
      list.append("STARTTLS ");
    }
    if (!offer.takesSecrets()) {
      list.append("LOGINDISABLED ");
    }
    for (Mechanism each : offer.configured()) {
      if (offer.usable(each)) {
        list.append("AUTH=").append(each.saslName()).append(' ');
      }
    }
    list.setLength(list.length() - 1);
    return list.toString();
  }
}

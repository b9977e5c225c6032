package org.openmmp.proxy.imap;

import java.util.Arrays;
import org.openmmp.proxy.client.Farewell;
import org.openmmp.proxy.client.PreAuthCommands;
import org.openmmp.proxy.client.PreAuthTalk;
import org.openmmp.wire.LineFramer;
import org.openmmp.wire.LoginOctets;

/** The commands that a client may give before login (rule B3.1). */
final class ImapPreAuth implements PreAuthCommands {
  private final PreAuthTalk talk;
  private final ImapOffer offer;
  private final ImapCommandFramer framer;

  ImapPreAuth(PreAuthTalk talk, ImapOffer offer, LineFramer octets) {
    this.talk = talk;
    this.offer = offer;
    this.framer = new ImapCommandFramer(octets, offer.settings());
  }

  @Override
  public String greeting() {
    return ImapReplies.greeting(offer.capabilities(), offer.settings().hostName());
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
    return switch (framer.next(offer.nonSynchronizingOctets())) {
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
    if (logsIn && !offer.mechanisms().takesSecrets()) {
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
    ImapCommandParser arguments = command.arguments();
    switch (command.name()) {
      case "LOGIN" -> logIn(tag, arguments);
      case "AUTHENTICATE" -> authenticate(tag, arguments);
      case "ID" -> id(tag, arguments);
      // Clients that ask too early go on as if nothing was enabled, as they do with Dovecot.
      case "ENABLE" -> talk.say(ImapReplies.tagged(tag, "OK Nothing is enabled before login."));
      case "CAPABILITY", "NOOP", "LOGOUT", "STARTTLS" -> {
        if (arguments.atEnd()) {
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
              ImapReplies.capability(offer.capabilities())
                  + ImapReplies.tagged(tag, "OK That is what there is before login."));
      case "NOOP" -> talk.say(ImapReplies.tagged(tag, "OK Nothing done."));
      case "LOGOUT" -> talk.logOut(tag);
      default -> {
        if (offer.startTls()) {
          talk.startTls(tag);
        } else {
          talk.bad(tag, "TLS is there already, or cannot be begun here.");
        }
      }
    }
  }

  private void id(String tag, ImapCommandParser arguments) {
    ImapId id = ImapId.parse(arguments);
    if (id == null) {
      talk.bad(tag, "Malformed ID, or a field that is too long.");
      return;
    }
    if (offer.settings().trustedProxy().test(offer.client().clientIp())) {
      talk.claimed(id.claims());
    }
    talk.say(
        ImapReplies.id(offer.settings().id()) + ImapReplies.tagged(tag, "OK Pleased to meet you."));
  }

  private void logIn(String tag, ImapCommandParser arguments) {
    if (!offer.mechanisms().takesSecrets()) {
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

  private void authenticate(String tag, ImapCommandParser arguments) {
    String name = arguments.takeSpaces() ? arguments.atom() : null;
    byte[] initialResponse = arguments.takeSpaces() ? arguments.word() : null;
    if (name == null || !arguments.atEnd()) {
      talk.bad(tag, "AUTHENTICATE takes a mechanism and an initial response.");
      return;
    }
    talk.authenticate(tag, name, initialResponse, offer.mechanisms());
  }
}

package org.openmmp.proxy.imap;

import java.util.Arrays;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.openmmp.proxy.session.ClientFacts;
import org.openmmp.proxy.session.Credentials;
import org.openmmp.proxy.session.Farewell;
import org.openmmp.proxy.session.Mechanism;
import org.openmmp.proxy.session.SaslExchange;
import org.openmmp.wire.LineFramer;
import org.openmmp.wire.LoginOctets;
import org.openmmp.wire.Secret;

/**
 * The commands that a client may give before login (rule B3.1), and what it said of itself. There
 * is a new one after STARTTLS.
 */
final class ImapPreAuth {
  private final ImapClientDialogue dialogue;
  private final ImapOffer offer;
  private final ImapCommandFramer framer;
  private @Nullable ImapId claims;

  ImapPreAuth(ImapClientDialogue dialogue, ImapOffer offer, LineFramer octets) {
    this.dialogue = dialogue;
    this.offer = offer;
    this.framer = new ImapCommandFramer(octets, offer.settings().limits());
  }

  ImapOffer offer() {
    return offer;
  }

  ClientFacts seenAs(ClientFacts own) {
    return claims == null ? own : claims.appliedTo(own);
  }

  /** Whether a trusted proxy in front said that no further one may stand here (R4). */
  boolean endsHere() {
    return claims != null && claims.endsHere();
  }

  /** Reads on and obeys what is complete; false if more octets are needed. */
  boolean obeyNext() {
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
        dialogue.bad(framer.command().tag(), "Literal too big.");
        framer.drop();
        yield true;
      }
      case UNUSABLE -> {
        dialogue.close(Farewell.PROTOCOL_ABUSE);
        yield false;
      }
    };
  }

  /** A secret is not asked for where it may not be sent (rule B3.2). */
  private void judgeAnnounced(ImapCommand command) {
    boolean logsIn = command.name().equals("LOGIN");
    if (logsIn && !offer.takesSecrets()) {
      dialogue.say(ImapReplies.tagged(command.tag(), ImapReplies.PRIVACY_REQUIRED));
      framer.drop();
    } else if (logsIn || command.name().equals("ID")) {
      dialogue.say("+ Go on.\r\n");
      framer.goOn();
    } else {
      dialogue.bad(command.tag(), "No such command before login, or no literal in it.");
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
      case "CAPABILITY", "NOOP", "LOGOUT", "STARTTLS" -> {
        if (arguments.atEnd()) {
          obeyBare(command.name(), tag);
        } else {
          dialogue.bad(tag, "This command has no arguments.");
        }
      }
      default ->
          dialogue.bad(
              tag, tag.isEmpty() ? "Invalid tag." : "Not a command, or not one before login.");
    }
  }

  private void obeyBare(String name, String tag) {
    switch (name) {
      case "CAPABILITY" ->
          dialogue.say(
              ImapReplies.capability(offer.capabilities())
                  + ImapReplies.tagged(tag, "OK That is what there is before login."));
      case "NOOP" -> dialogue.say(ImapReplies.tagged(tag, "OK Nothing done."));
      case "LOGOUT" -> dialogue.logOut(tag);
      default -> {
        if (offer.startTls()) {
          dialogue.startTls(tag);
        } else {
          dialogue.bad(tag, "TLS is there already, or cannot be begun here.");
        }
      }
    }
  }

  private void id(String tag, ImapCommandParser arguments) {
    ImapId id = ImapId.parse(arguments);
    if (id == null) {
      dialogue.bad(tag, "Malformed ID, or a field that is too long.");
      return;
    }
    if (offer.settings().trustedProxy().test(offer.client().clientIp())) {
      claims = id;
    }
    dialogue.say(
        ImapReplies.id(offer.settings().id()) + ImapReplies.tagged(tag, "OK Pleased to meet you."));
  }

  private void logIn(String tag, ImapCommandParser arguments) {
    if (!offer.takesSecrets()) {
      dialogue.say(ImapReplies.tagged(tag, ImapReplies.PRIVACY_REQUIRED));
      return;
    }
    byte[] name = arguments.take(' ') ? arguments.astring() : null;
    byte[] password = name != null && arguments.take(' ') ? arguments.astring() : null;
    String loginName = name == null ? null : LoginOctets.name(name);
    if (loginName == null
        || password == null
        || !arguments.atEnd()
        || !LoginOctets.isPassword(password)) {
      if (password != null) {
        Arrays.fill(password, (byte) 0);
      }
      dialogue.bad(tag, "LOGIN takes a name and a password.");
    } else if (loginName.isEmpty() || password.length == 0) {
      Arrays.fill(password, (byte) 0);
      dialogue.failed(ImapReplies.tagged(tag, ImapReplies.AUTHENTICATION_FAILED));
    } else {
      Secret secret = Secret.taking(password);
      dialogue.logIn(tag, new Credentials(Mechanism.COMMAND, loginName, "", secret));
    }
  }

  private void authenticate(String tag, ImapCommandParser arguments) {
    String name = arguments.take(' ') ? arguments.atom() : null;
    byte[] initialResponse = arguments.take(' ') ? arguments.word() : null;
    if (name == null || !arguments.atEnd()) {
      dialogue.bad(tag, "AUTHENTICATE takes a mechanism and an initial response.");
      return;
    }
    Mechanism mechanism = mechanismNamed(name.toUpperCase(Locale.ROOT));
    if (mechanism == null) {
      dialogue.say(ImapReplies.tagged(tag, "NO [CANNOT] No such mechanism."));
    } else if (mechanism != Mechanism.EXTERNAL && !offer.takesSecrets()) {
      if (initialResponse != null) {
        Arrays.fill(initialResponse, (byte) 0);
      }
      dialogue.say(ImapReplies.tagged(tag, ImapReplies.PRIVACY_REQUIRED));
    } else {
      String certificateName = offer.client().certificateName();
      dialogue.beginExchange(tag, new SaslExchange(mechanism, certificateName), initialResponse);
    }
  }

  private @Nullable Mechanism mechanismNamed(String name) {
    for (Mechanism each : offer.settings().mechanisms()) {
      if (each.saslName().equals(name) && offer.has(each)) {
        return each;
      }
    }
    return null;
  }
}

package org.openmmp.proxy.pop3;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.openmmp.guard.Farewell;
import org.openmmp.proxy.client.ClientClaims;
import org.openmmp.proxy.client.MechanismOffer;
import org.openmmp.proxy.client.PreAuthTalk;
import org.openmmp.wire.LineFramer;
import org.openmmp.wire.LoginOctets;

/** The commands that a POP3 client may give before login, and what it is offered (rule B4.1). */
final class Pop3PreAuth implements PreAuthTalk.Commands {
  private static final String NO_TAG = "";

  private final PreAuthTalk talk;
  private final LineFramer octets;
  private final String hostName;
  private final boolean offersTls;
  private @Nullable String user;
  private boolean utf8;

  /**
   * The commands of one client in its present state.
   *
   * @param stls whether a client without TLS may begin it
   */
  Pop3PreAuth(PreAuthTalk talk, LineFramer octets, String hostName, boolean stls) {
    this.talk = talk;
    this.octets = octets;
    this.hostName = hostName;
    this.offersTls = stls && !talk.client().tls();
  }

  @Override
  public String greeting() {
    return Pop3Replies.greeting(hostName, talk.takesClaims());
  }

  @Override
  public boolean obeyNext() {
    byte[] line = octets.line();
    if (line == null) {
      if (octets.tooLong()) {
        talk.close(Farewell.PROTOCOL_ABUSE);
      }
      return false;
    }
    Pop3Command command = Pop3Command.of(line);
    obey(command);
    command.clear();
    return true;
  }

  private void obey(Pop3Command command) {
    switch (command.keyword()) {
      case "USER" -> user(command);
      case "PASS" -> pass(command);
      case "AUTH" -> auth(command);
      case "XCLIENT" -> xclient(command);
      case "APOP" -> talk.bad(NO_TAG, "APOP is not there.");
      case "CAPA", "NOOP", "QUIT", "STLS", "UTF8" -> {
        if (command.blank()) {
          obeyBare(command.keyword());
        } else {
          talk.bad(NO_TAG, "This command has no arguments.");
        }
      }
      default -> unknown();
    }
  }

  private void obeyBare(String keyword) {
    switch (keyword) {
      case "CAPA" ->
          talk.say(Pop3Replies.list("That is what there is before login.", capabilities()));
      case "NOOP" -> talk.say(Pop3Replies.ok("Nothing done."));
      case "QUIT" -> talk.logOut(NO_TAG);
      case "STLS" -> stls();
      default -> utf8();
    }
  }

  /**
   * The answer is the same for any name: who is there is not told. A name that is refused replaces
   * the one before it, for the password behind it is nobody else's.
   */
  private void user(Pop3Command command) {
    user = null;
    String name = LoginOctets.name(command.stripped());
    if (!talk.offer().takesSecrets()) {
      talk.needsPrivacy(NO_TAG);
    } else if (name == null || name.isEmpty()) {
      talk.bad(NO_TAG, "USER takes a name.");
    } else {
      user = name;
      talk.say(Pop3Replies.ok("Send the password."));
    }
  }

  /** RFC 1939 section 7: all that follows the space is the password, spaces in it included. */
  private void pass(Pop3Command command) {
    String name = user;
    user = null;
    if (!talk.offer().takesSecrets()) {
      talk.needsPrivacy(NO_TAG);
    } else if (name == null) {
      talk.bad(NO_TAG, "USER comes first.");
    } else {
      talk.logInByCommand(NO_TAG, name, command.argument().clone());
    }
  }

  /** RFC 5034; without an argument, the list that was asked for so before there was CAPA. */
  private void auth(Pop3Command command) {
    user = null;
    if (command.blank()) {
      StringBuilder names = new StringBuilder();
      talk.offer().usableNames().forEach(name -> names.append(name).append("\r\n"));
      talk.say(Pop3Replies.list("These are there.", names.toString()));
      return;
    }
    byte[] argument = command.stripped();
    int end = indexOfSpace(argument, 0);
    int begin = end;
    while (begin < argument.length && argument[begin] == ' ') {
      begin++;
    }
    if (indexOfSpace(argument, begin) < argument.length) {
      talk.bad(NO_TAG, "AUTH takes a mechanism and an initial response.");
    } else {
      String mechanism = new String(argument, 0, end, StandardCharsets.ISO_8859_1);
      byte[] initialResponse =
          begin == argument.length ? null : Arrays.copyOfRange(argument, begin, argument.length);
      talk.authenticate(NO_TAG, mechanism, initialResponse);
    }
    Arrays.fill(argument, (byte) 0);
  }

  /** RFC 6856 section 2: who has asked for UTF8 begins no TLS any more. */
  private void stls() {
    if (offersTls && !utf8) {
      talk.startTls(NO_TAG);
    } else {
      talk.bad(NO_TAG, "TLS is there already, or cannot be begun here.");
    }
  }

  private void utf8() {
    if (offersUtf8()) {
      utf8 = true;
      talk.wantsUtf8();
      talk.say(Pop3Replies.ok("UTF-8 it is."));
    } else {
      unknown();
    }
  }

  /** What a proxy in front says of its client, as Dovecot does it: {@code XCLIENT ADDR=…}. */
  private void xclient(Pop3Command command) {
    if (!talk.takesClaims()) {
      unknown();
      return;
    }
    Map<String, String> fields = new HashMap<>();
    for (String word : command.words()) {
      int equals = word.indexOf('=');
      if (equals > 0) {
        fields.putIfAbsent(
            word.substring(0, equals).toUpperCase(Locale.ROOT), word.substring(equals + 1));
      }
    }
    talk.claimed(
        new ClientClaims(
            fields.get("ADDR"),
            fields.get("PORT"),
            null,
            null,
            fields.get("TTL"),
            fields.get("SESSION")));
    talk.say(Pop3Replies.ok("Updated."));
  }

  private void unknown() {
    talk.bad(NO_TAG, "Not a command, or not one before login.");
  }

  /** The place of the next space, or the end. */
  private static int indexOfSpace(byte[] octets, int from) {
    int at = from;
    while (at < octets.length && octets[at] != ' ') {
      at++;
    }
    return at;
  }

  private boolean offersUtf8() {
    List<String> names = talk.offer().stores().names();
    return names.contains("UTF8") || names.contains("UTF8 USER");
  }

  /** The lines for CAPA, each with its end (rules B3.2, B4.1). */
  private String capabilities() {
    MechanismOffer offer = talk.offer();
    StringBuilder lines = new StringBuilder(256);
    offer.stores().names().forEach(name -> lines.append(name).append("\r\n"));
    if (offersTls) {
      lines.append("STLS\r\n");
    }
    if (offer.takesSecrets()) {
      lines.append("USER\r\n");
    }
    List<String> usable = offer.usableNames();
    if (!usable.isEmpty()) {
      lines.append("SASL ").append(String.join(" ", usable)).append("\r\n");
    }
    return lines.toString();
  }
}

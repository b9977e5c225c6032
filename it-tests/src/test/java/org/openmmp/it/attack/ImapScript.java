package org.openmmp.it.attack;

import java.io.IOException;
import java.util.Locale;

/** The script of an IMAP store. */
final class ImapScript extends StoreScript {
  /** Capabilities of a store that takes a password in one line. */
  static final String SASL = "IMAP4rev1 SASL-IR AUTH=PLAIN ID LITERAL+ IDLE";

  /** Capabilities of a store that knows LOGIN only. */
  static final String LOGIN_ONLY = "IMAP4rev1 IDLE";

  ImapScript() {
    super(
        "* OK ready",
        SASL,
        "%t OK begin\r\n",
        "%t OK [CAPABILITY IMAP4rev1] in\r\n",
        "%t NO [AUTHENTICATIONFAILED] no\r\n");
  }

  @Override
  void talk(StorePeer peer) throws IOException {
    boolean mayStartTls = startsTls();
    boolean authenticated = false;
    for (String line = peer.line(); line != null; line = peer.line()) {
      String[] words = line.split(" ", 3);
      String tag = words[0];
      String name = words.length < 2 ? "" : words[1].toUpperCase(Locale.ROOT);
      String rest = words.length < 3 ? "" : words[2];
      if (authenticated) {
        inMailbox(peer, tag, line.substring(tag.length()).strip());
      } else if (name.equals("STARTTLS") && mayStartTls) {
        mayStartTls = !startTls(peer, tag);
      } else if (name.equals("CAPABILITY")) {
        peer.say("* CAPABILITY " + listed() + (mayStartTls ? " STARTTLS" : ""));
        peer.say(tag + " OK done");
      } else if (name.equals("LOGIN") || name.equals("AUTHENTICATE")) {
        Login login = name.equals("LOGIN") ? plain(peer, rest) : sasl(peer, rest);
        String said = answer(peer, tag, login);
        authenticated = said.isEmpty() || said.contains(tag + " OK");
      } else if (name.equals("LOGOUT")) {
        peer.say("* BYE bye");
        peer.say(tag + " OK bye");
        return;
      } else {
        peer.say(
            tag + " " + (name.equals("ID") || name.equals("NOOP") ? "OK" : "BAD") + " " + name);
      }
    }
  }

  private static Login sasl(StorePeer peer, String rest) throws IOException {
    String[] words = rest.split(" ", 2);
    if (words.length == 1) {
      peer.say("+ ");
    }
    return message(words.length == 1 ? String.valueOf(peer.line()) : words[1]);
  }

  private static Login plain(StorePeer peer, String rest) throws IOException {
    StringBuilder left = new StringBuilder(rest);
    String user = astring(peer, left);
    String password = astring(peer, left);
    return new Login("", user, password);
  }

  private static String astring(StorePeer peer, StringBuilder left) throws IOException {
    String text = left.toString();
    if (text.startsWith("{")) {
      int size = Integer.parseInt(text.substring(1, text.length() - 1).replace("+", ""));
      if (!text.contains("+")) {
        peer.say("+ go on");
      }
      String literal = peer.octets(size);
      left.setLength(0);
      left.append(String.valueOf(peer.line()).stripLeading());
      return utf8(literal);
    }
    StringBuilder value = new StringBuilder();
    boolean quoted = text.startsWith("\"");
    int at = quoted ? 1 : 0;
    while (at < text.length() && text.charAt(at) != (quoted ? '"' : ' ')) {
      at += quoted && text.charAt(at) == '\\' ? 1 : 0;
      value.append(text.charAt(at));
      at++;
    }
    left.setLength(0);
    left.append(text.substring(Math.min(text.length(), at + (quoted ? 1 : 0))).stripLeading());
    return value.toString();
  }

  private void inMailbox(StorePeer peer, String tag, String command) throws IOException {
    if (command.equals("CAPABILITY")) {
      peer.say("* CAPABILITY IMAP4rev1");
    } else {
      came(command);
    }
    if (command.toUpperCase(Locale.ROOT).startsWith("FETCH")) {
      peer.say("* 1 FETCH (BODY[] {7}\r\nmessage)");
    }
    peer.say(tag + " OK " + command.split(" ", 2)[0]);
  }
}

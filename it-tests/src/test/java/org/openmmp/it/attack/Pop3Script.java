package org.openmmp.it.attack;

import java.io.IOException;
import java.util.Locale;

/** The script of a POP3 store; its capabilities are lines with CR LF between them. */
final class Pop3Script extends StoreScript {
  /** Capabilities of a store that takes a password in a message of PLAIN. */
  static final String SASL =
      "USER\r\nSASL PLAIN XOAUTH2\r\nRESP-CODES\r\nPIPELINING\r\nUIDL\r\nUTF8";

  /** Capabilities of a store that knows USER and PASS only. */
  static final String BY_COMMAND = "USER\r\nUIDL";

  private String nameAnswer = "+OK go on\r\n";

  Pop3Script() {
    super("+OK ready", SASL, "+OK begin\r\n", "+OK 1 message\r\n", "-ERR [AUTH] no\r\n");
  }

  /** Takes USER and PASS alone, and answers the first of them so; it ends there unless it is OK. */
  Pop3Script nameAnswer(String octets) {
    capabilities(BY_COMMAND);
    nameAnswer = octets;
    return this;
  }

  @Override
  void talk(StorePeer peer) throws IOException {
    boolean mayBegin = startsTls();
    boolean authenticated = false;
    String user = "";
    for (String line = peer.line(); line != null; line = peer.line()) {
      String[] words = line.split(" ", 2);
      String name = words[0].toUpperCase(Locale.ROOT);
      String argument = words.length < 2 ? "" : words[1];
      switch (authenticated ? "" : name) {
        case "" -> inMailbox(peer, line);
        case "STLS" -> mayBegin = mayBegin && !startTls(peer, "");
        case "CAPA" -> {
          String stls = mayBegin ? "STLS\r\n" : "";
          peer.send("+OK list\r\n" + listed() + "\r\n" + stls + ".\r\n");
        }
        case "USER" -> {
          user = utf8(argument);
          peer.send(nameAnswer);
        }
        case "PASS" ->
            authenticated = isAccepted(answer(peer, "", new Login("", user, utf8(argument))));
        case "AUTH" -> authenticated = isAccepted(answer(peer, "", sasl(peer, argument)));
        case "QUIT", "XCLIENT", "UTF8" -> peer.say("+OK " + name);
        default -> peer.say("-ERR not now");
      }
      if (name.equals("QUIT")) {
        return;
      }
    }
  }

  private static boolean isAccepted(String said) {
    return said.isEmpty() || said.regionMatches(true, 0, "+OK", 0, 3);
  }

  private static Login sasl(StorePeer peer, String argument) throws IOException {
    String[] words = argument.split(" ", 2);
    if (words.length == 1) {
      peer.say("+ ");
    }
    return message(words.length == 1 ? String.valueOf(peer.line()) : words[1]);
  }

  private void inMailbox(StorePeer peer, String command) throws IOException {
    came(command);
    switch (command.split(" ", 2)[0].toUpperCase(Locale.ROOT)) {
      case "STAT" -> peer.say("+OK 1 7");
      case "RETR" -> peer.send("+OK 7 octets\r\nmessage\r\n..\r\n.\r\n");
      default -> peer.say("+OK " + command);
    }
  }
}

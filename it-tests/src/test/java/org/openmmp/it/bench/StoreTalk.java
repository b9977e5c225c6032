package org.openmmp.it.bench;

import java.io.IOException;
import java.util.Locale;

/** What a quick store says: it accepts everybody, and gives or takes messages of any size. */
enum StoreTalk {
  /** {@code FETCH <octets>} is answered with a literal of that size. */
  IMAP("* OK [CAPABILITY IMAP4rev1 SASL-IR LITERAL+ AUTH=PLAIN ID] ready\r\n") {
    @Override
    boolean answer(String line, Connection client) throws IOException {
      String[] words = line.split(" ", 3);
      String rest = line;
      while (rest.endsWith("}")) {
        client.say("+ go on\r\n");
        client.skip(Integer.parseInt(rest.substring(rest.lastIndexOf('{') + 1, rest.length() - 1)));
        rest = client.line();
      }
      String tag = words[0];
      switch (words[1].toUpperCase(Locale.ROOT)) {
        case "AUTHENTICATE", "LOGIN" ->
            client.say(
                tag
                    + " OK [CAPABILITY IMAP4rev1 IDLE UIDPLUS ENABLE ESEARCH CONDSTORE QRESYNC]"
                    + " Logged in\r\n");
        case "CAPABILITY" ->
            client.say("* CAPABILITY IMAP4rev1 SASL-IR AUTH=PLAIN\r\n" + tag + " OK done\r\n");
        case "SELECT" -> client.say(SELECTED + tag + " OK [READ-WRITE] done\r\n");
        case "FETCH" -> {
          client.say("* 1 FETCH (BODY[] {" + words[2] + "}\r\n");
          give(Integer.parseInt(words[2]), client);
          client.say(")\r\n" + tag + " OK done\r\n");
        }
        case "LOGOUT" -> {
          client.say("* BYE bye\r\n" + tag + " OK bye\r\n");
          return false;
        }
        default -> client.say(tag + " OK done\r\n");
      }
      return true;
    }
  },

  /** {@code RETR <octets>} is answered with a message of that size. */
  POP3("+OK ready\r\n") {
    @Override
    boolean answer(String line, Connection client) throws IOException {
      String[] words = line.split(" ", 2);
      switch (words[0].toUpperCase(Locale.ROOT)) {
        case "CAPA" -> client.say("+OK\r\nUSER\r\nSASL PLAIN\r\nRESP-CODES\r\n.\r\n");
        case "RETR" -> {
          client.say("+OK\r\n");
          give(Integer.parseInt(words[1]) - 2, client);
          client.say("\r\n.\r\n");
        }
        case "QUIT" -> {
          client.say("+OK bye\r\n");
          return false;
        }
        default -> client.say("+OK\r\n");
      }
      return true;
    }
  },

  /** Every recipient is taken. */
  LMTP("220 ready\r\n") {
    @Override
    boolean answer(String line, Connection client) throws IOException {
      StringBuilder replies = new StringBuilder();
      int recipients = 0;
      String next = line;
      while (true) {
        String verb = next.substring(0, Math.min(4, next.length())).toUpperCase(Locale.ROOT);
        if (verb.equals("RCPT")) {
          recipients++;
        }
        replies.append(replyTo(verb));
        if (verb.equals("DATA")) {
          client.say(replies.toString());
          client.skipToDot();
          client.say("250 2.0.0 Saved\r\n".repeat(recipients));
          return true;
        }
        if (!client.hasMore()) {
          client.say(replies.toString());
          replies.setLength(0);
        }
        if (verb.equals("QUIT")) {
          return false;
        }
        next = client.line();
        if (next.isEmpty()) {
          return false;
        }
      }
    }

    private String replyTo(String verb) {
      return switch (verb) {
        case "LHLO" ->
            """
            250-quick\r
            250-PIPELINING\r
            250-ENHANCEDSTATUSCODES\r
            250-8BITMIME\r
            250 SIZE\r
            """;
        case "DATA" -> "354 OK\r\n";
        case "QUIT" -> "221 2.0.0 Bye\r\n";
        default -> "250 2.0.0 OK\r\n";
      };
    }
  };

  private static final String SELECTED =
      """
      * FLAGS (\\Answered \\Flagged \\Deleted \\Seen \\Draft)\r
      * OK [PERMANENTFLAGS (\\Answered \\Flagged \\Deleted \\Seen \\Draft \\*)] Limited\r
      * 1000 EXISTS\r
      * 0 RECENT\r
      * OK [UIDVALIDITY 1700000000] Valid\r
      * OK [UIDNEXT 1001] Predicted\r
      * OK [HIGHESTMODSEQ 2000] Highest\r
      """;

  private static final byte[] CHUNK = new byte[64 * 1024];

  private final String greeting;

  StoreTalk(String greeting) {
    this.greeting = greeting;
  }

  String greeting() {
    return greeting;
  }

  /**
   * Answers a command, and what belongs to it.
   *
   * @return whether the connection goes on
   */
  abstract boolean answer(String line, Connection client) throws IOException;

  private static void give(int octets, Connection client) throws IOException {
    for (int left = octets; left > 0; left -= CHUNK.length) {
      client.write(CHUNK, Math.min(left, CHUNK.length));
    }
  }
}

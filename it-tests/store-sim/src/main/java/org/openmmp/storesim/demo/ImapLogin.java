package org.openmmp.storesim.demo;

import java.io.IOException;

/** An IMAP client that logs in, looks at INBOX and leaves. */
final class ImapLogin {
  private final DemoClient client;
  private int tag;

  ImapLogin(DemoClient client) {
    this.client = client;
  }

  /** Shows what the client sends, but for the password, and what it sees. */
  void run(String login, String password) throws IOException {
    client.line();
    String answer = command("LOGIN " + login + " \"" + password + "\"", "LOGIN " + login + " ***");
    if (answer.startsWith("a1 OK")) {
      command("SELECT INBOX", "SELECT INBOX");
      command("LOGOUT", "");
    }
  }

  /** Sends a command, shows it and its answer if it is to be shown, and returns the last line. */
  private String command(String command, String shown) throws IOException {
    String word = "a" + ++tag;
    client.send(word + " " + command, shown.isEmpty() ? "" : word + " " + shown);
    String line;
    do {
      line = client.line().replaceAll("\\[CAPABILITY [^]]*]", "[CAPABILITY ...]");
      if (!shown.isEmpty() && isOfInterest(line)) {
        client.show(line);
      }
    } while (!line.startsWith(word + " "));
    return line;
  }

  private static boolean isOfInterest(String line) {
    return !line.startsWith("* ") || line.contains("[ALERT]") || line.endsWith(" EXISTS");
  }
}

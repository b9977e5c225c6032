package org.openmmp.storesim.demo;

import java.io.IOException;

/** A POP3 client that logs in, counts its messages and leaves. */
final class Pop3Login {
  private final DemoClient client;

  Pop3Login(DemoClient client) {
    this.client = client;
  }

  /** Shows what the client sends, but for the password, and what it sees. */
  void run(String login, String password) throws IOException {
    client.line();
    command("USER " + login, "USER " + login);
    if (command("PASS " + password, "PASS ***").startsWith("+OK")) {
      command("STAT", "STAT");
    }
    command("QUIT", "QUIT");
  }

  private String command(String command, String shown) throws IOException {
    client.send(command, shown);
    String answer = client.line();
    client.show(answer);
    return answer;
  }
}

package org.openmmp.storesim.demo;

import java.io.IOException;

/** An LMTP client that delivers one short message. */
final class DemoDelivery {
  private final DemoClient client;

  DemoDelivery(DemoClient client) {
    this.client = client;
  }

  /** Shows the dialogue but for its begin and end. */
  void run(String recipient) throws IOException {
    reply();
    client.send("LHLO demo.example.com", "");
    reply();
    command("MAIL FROM:<postmaster@example.com>");
    if (command("RCPT TO:<" + recipient + ">").startsWith("2")
        && command("DATA").startsWith("354")) {
      client.send("Subject: Delivered\r\n\r\nThrough the relay.\r\n.", "(the message)");
      client.show(reply());
    }
    client.send("QUIT", "");
    reply();
  }

  private String command(String command) throws IOException {
    client.send(command, command);
    String answer = reply();
    client.show(answer);
    return answer;
  }

  /** The last line of a reply (RFC 5321 section 4.2.1). */
  private String reply() throws IOException {
    String line = client.line();
    while (line.startsWith("-", 3)) {
      line = client.line();
    }
    return line;
  }
}

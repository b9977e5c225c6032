package org.openmmp.it.bench;

import java.io.IOException;
import java.nio.charset.StandardCharsets;

/** A message as an MTA delivers it over LMTP: the envelope pipelined, the message in one piece. */
final class BulkLetter {
  private static final String LINE = "x".repeat(62) + "\r\n";

  private final int recipients;
  private final String envelope;
  private final byte[] message;

  /**
   * For the first of the recipients.
   *
   * @param spread whether they are at many stores, in turn
   * @param octets of the message, a multiple of 64
   */
  BulkLetter(int recipients, boolean spread, int octets) {
    this.recipients = recipients;
    StringBuilder commands = new StringBuilder("MAIL FROM:<sender@example.com>\r\n");
    for (int i = 0; i < recipients; i++) {
      commands.append("RCPT TO:<").append(recipient(i, spread)).append("@example.com>\r\n");
    }
    envelope = commands.append("DATA\r\n").toString();
    String body = LINE.repeat(octets / LINE.length()) + ".\r\n";
    message = body.getBytes(StandardCharsets.US_ASCII);
  }

  /** The local part of a recipient's address. */
  static String recipient(int number, boolean spread) {
    return (spread ? "spread" : "recipient") + number;
  }

  /** Hears the greeting and says LHLO. */
  void introduce(Connection relay) throws IOException {
    relay.expect("220");
    relay.say("LHLO mta.test\r\n");
    while (relay.line().startsWith("250-")) {
      // one extension after another
    }
  }

  void deliver(Connection relay) throws IOException {
    relay.say(envelope);
    for (int i = 0; i <= recipients; i++) {
      relay.expect("250");
    }
    relay.expect("354");
    relay.write(message);
    for (int i = 0; i < recipients; i++) {
      relay.expect("250");
    }
  }
}

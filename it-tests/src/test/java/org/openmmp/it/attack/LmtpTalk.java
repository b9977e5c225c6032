package org.openmmp.it.attack;

import static org.junit.jupiter.api.Assertions.assertTrue;

/** What is said to the relay on a raw connection, step by step. */
final class LmtpTalk {
  static final String LHLO = "LHLO mta.test\r\n";

  private LmtpTalk() {}

  /** The reply to a command, its lines joined. */
  static String command(RawClient client, String command) {
    return client.send(command + "\r\n").reply();
  }

  static void assertReply(String beginning, String reply) {
    assertTrue(reply.startsWith(beginning), reply);
  }

  /** Begins a transaction; every recipient has to be accepted. */
  static void begin(RawClient client, String... recipients) {
    client.send(LHLO).reply();
    assertReply("250", command(client, "MAIL FROM:<a@example.org>"));
    for (String recipient : recipients) {
      assertReply("250", command(client, "RCPT TO:<" + recipient + ">"));
    }
  }

  /** Sends a message that has to be accepted. */
  static void deliver(RawClient client, String recipient) {
    begin(client, recipient);
    assertReply("354", command(client, "DATA"));
    assertReply("250", client.send("x\r\n.\r\n").reply());
  }
}

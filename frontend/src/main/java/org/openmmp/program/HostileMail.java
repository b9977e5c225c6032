package org.openmmp.program;

import static org.openmmp.program.ListenerTrial.failed;
import static org.openmmp.program.ListenerTrial.passed;
import static org.openmmp.program.ListenerTrial.skipped;

import java.util.List;

/** Mail that no MTA of good will hands over, in LMTP: rows L. */
final class HostileMail {
  private final HostileClient client;
  private final ListenerTrial listener;

  HostileMail(HostileClient client) {
    this.client = client;
    this.listener = client.listener();
  }

  String falseEnds() throws Exception {
    for (String end : List.of("\n.\r\n", "\r.\r", "\n.\n", "\r\n.\n", "\r\n.\r")) {
      try (ListenerWire wire = client.wire()) {
        wire.ask(listener.capability());
        wire.ask("MAIL FROM:<hostile@example.org>");
        String accepted = wire.ask("RCPT TO:<" + client.user() + ">");
        if (listener.isError(accepted)) {
          return skipped("the test account takes no mail: " + accepted);
        }
        wire.ask("DATA");
        wire.send(
            "Subject: hostile\r\n\r\none"
                + end
                + "MAIL FROM:<smuggled@example.org>\r\nRCPT TO:<"
                + client.user()
                + ">\r\nDATA\r\ntwo\r\n.\r\nQUIT\r\n");
        int messages = 0;
        for (String line = wire.line(); line != null; line = wire.line()) {
          messages += line.startsWith("354") ? 1 : 0;
        }
        if (messages > 0) {
          return failed("a second message was smuggled behind a false end of data");
        }
      }
    }
    return passed("each is one message, or refused");
  }

  String dataForNobody() throws Exception {
    try (ListenerWire wire = client.wire()) {
      wire.ask(listener.capability());
      wire.ask("MAIL FROM:<hostile@example.org>");
      wire.ask("RCPT TO:<hostile-nobody@hostile.invalid>");
      String answer = wire.ask("DATA");
      return listener.isError(answer)
          ? passed("is refused: " + answer)
          : failed("a message for nobody is asked for: " + answer);
    }
  }

  String paths() throws Exception {
    for (String path :
        List.of(
            "<\"a b\"@hostile.invalid>",
            "<@a,@b:c@hostile.invalid>",
            "<a\rb@hostile.invalid>",
            "<" + "a".repeat(2_000) + "@hostile.invalid>",
            "<a@hostile.invalid> X\0Y")) {
      try (ListenerWire wire = client.wire()) {
        wire.ask(listener.capability());
        wire.ask("MAIL FROM:<hostile@example.org>");
        wire.ask("RCPT TO:" + path);
      }
    }
    return client.stillServed("each is answered");
  }
}

package org.openmmp.program;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.openmmp.program.HostileClient.FLOOD;
import static org.openmmp.program.ListenerTrial.failed;
import static org.openmmp.program.ListenerTrial.passed;
import static org.openmmp.program.ListenerTrial.skipped;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Octets that no client of good will sends, to a listener of any protocol: rows T, P and C. */
final class HostileOctets {
  private static final Duration MOMENT = Duration.ofSeconds(5);
  private static final byte[] CLIENT_HELLO_OF_16_MIB = {
    0x16, 0x03, 0x01, 0x40, 0x00, 0x01, (byte) 0xff, (byte) 0xff, (byte) 0xff
  };

  private final HostileClient client;
  private final ListenerTrial listener;

  HostileOctets(HostileClient client) {
    this.client = client;
    this.listener = client.listener();
  }

  String injected(String lineEnd, boolean later) throws Exception {
    ListenerTrial hasty = listener.within(later ? listener.patience() : MOMENT);
    try (ListenerWire wire = hasty.open()) {
      if (!wire.offersTls()) {
        return skipped("STARTTLS is not offered");
      }
      String begin = listener.written("s", listener.startTls()).replace("\r\n", lineEnd);
      String inserted = listener.written("i", "XHOSTILE").replace("\r\n", lineEnd);
      wire.send(later ? begin : begin + inserted);
      String answer;
      try {
        answer = wire.line();
      } catch (IOException silence) {
        return passed("is no line here, and has no answer");
      }
      if (answer == null || listener.isError(answer)) {
        return passed("is refused: " + answer);
      }
      if (later) {
        wire.send(inserted);
      }
      try {
        wire.secure();
      } catch (IOException broken) {
        return wire.isLate()
            ? failed("TLS does not begin, and the connection stays")
            : passed("the connection is closed");
      }
      wire.send(listener.written("p", listener.capability()));
      String first = wire.line();
      return first != null && (listener.isError(first) || first.startsWith("i "))
          ? failed("what was sent in the clear was carried out under TLS: " + first)
          : passed("it was thrown away");
    }
  }

  String startTlsTwice() throws Exception {
    try (ListenerWire wire = listener.open()) {
      if (!client.isTlsFirst() && !wire.beginTls()) {
        return skipped("STARTTLS is not offered");
      }
      String answer = wire.ask(listener.startTls());
      return answer.isEmpty() || listener.isError(answer)
          ? passed("is refused: " + answer)
          : failed("TLS within TLS begins: " + answer);
    }
  }

  String http() throws Exception {
    try (ListenerWire wire = listener.open()) {
      StringBuilder request = new StringBuilder("GET / HTTP/1.1\r\n");
      for (int i = 0; i < 20; i++) {
        request.append("X-Header-").append(i).append(": value\r\n");
      }
      wire.send(request + "\r\n");
      int answers = HostileClient.linesUntilClosed(wire, 40);
      return answers < 40 && !wire.isLate()
          ? passed("the connection is closed behind " + answers + " answers")
          : failed("the connection stays open behind 20 lines of HTTP");
    } catch (IOException late) {
      return failed("the connection stays open: " + late.getMessage());
    }
  }

  String greedyHellos() throws Exception {
    List<ListenerWire> held = new ArrayList<>();
    try {
      for (int i = 0; i < FLOOD; i++) {
        ListenerWire wire = new ListenerWire(listener);
        held.add(wire);
        if (!client.isTlsFirst()) {
          wire.line();
          if (!wire.offersTls()) {
            return skipped("STARTTLS is not offered");
          }
          wire.ask(listener.startTls());
        }
        wire.send(new String(CLIENT_HELLO_OF_16_MIB, ISO_8859_1));
      }
      return client.stillServed(FLOOD + " such clients at once do no harm that is seen from here");
    } finally {
      held.forEach(ListenerWire::close);
    }
  }

  /** A client that stays before its login, with nothing or an octet each five seconds. */
  String endless(String octets) throws Exception {
    long begun = System.nanoTime();
    try (ListenerWire wire =
        client.wire(listener.within(Duration.ofSeconds(client.patience() + 10)))) {
      CompletableFuture<Boolean> ended =
          CompletableFuture.supplyAsync(
              () -> {
                try {
                  HostileClient.linesUntilClosed(wire, Integer.MAX_VALUE);
                } catch (IOException over) {
                  return !wire.isLate();
                }
                return !wire.isLate();
              });
      for (int at = 0; !ended.isDone(); at++) {
        if (!octets.isEmpty()) {
          try {
            wire.send(octets.substring(at % octets.length(), at % octets.length() + 1));
          } catch (IOException closed) {
            break;
          }
        }
        try {
          ended.get(5, TimeUnit.SECONDS);
        } catch (TimeoutException goesOn) {
          // He is sent the next octet.
        }
      }
      long seconds = Duration.ofNanos(System.nanoTime() - begun).toSeconds();
      return ended.get() && seconds <= client.patience()
          ? passed("the connection is closed after " + seconds + " s")
          : failed("the connection stays for longer than " + client.patience() + " s");
    }
  }

  String parentheses() throws Exception {
    List<ListenerWire> held = new ArrayList<>();
    try {
      for (int i = 0; i < FLOOD; i++) {
        ListenerWire wire = client.wire();
        held.add(wire);
        wire.send("a NOOP " + "(".repeat(4_000));
      }
      return client.stillServed(FLOOD + " such clients at once do no harm that is seen from here");
    } finally {
      held.forEach(ListenerWire::close);
    }
  }

  String oddOctets() throws Exception {
    for (String octets :
        List.of(
            "\0\0\0\r\n", "a NOOP\rb NOOP\r\n", "x".repeat(9_000) + " NOOP\r\n", "\u00ff\r\n")) {
      try (ListenerWire wire = client.wire()) {
        wire.send(octets);
        wire.line();
      } catch (IOException late) {
        return failed("no answer: " + late.getMessage());
      }
    }
    return client.stillServed("each is answered or ends the connection");
  }

  String emptyLines() throws Exception {
    try (ListenerWire wire = client.wire()) {
      try {
        for (int i = 0; i < 100; i++) {
          wire.send("\r\n".repeat(100));
        }
        int answers = HostileClient.linesUntilClosed(wire, 10_000);
        return answers >= 10_000
            ? failed("10,000 empty lines have an answer each")
            : passed("the connection is closed behind " + answers + " answers");
      } catch (IOException ended) {
        return wire.isLate()
            ? failed("the connection stays open behind 10,000 empty lines")
            : passed("the connection is closed");
      }
    }
  }

  String claims() throws Exception {
    if (listener.imap()) {
      String[] claims = {
        "(\"x-originating-ip\" \"192.0.2.1\" \"x-proxy-ttl\" \"255\")",
        "(" + "\"k\" \"v\" ".repeat(31).strip() + ")",
        "(\"k\" \"" + "v".repeat(1_025) + "\")",
        "NIL",
        "(\"k\" {1+}\r\nv)"
      };
      for (String claim : claims) {
        try (ListenerWire wire = client.wire()) {
          wire.ask("ID " + claim);
        }
      }
      return client.stillServed("each is answered; whether it is believed is not seen from here");
    }
    try (ListenerWire wire = client.wire()) {
      String answer =
          wire.ask(listener.lmtp() ? "XCLIENT ADDR=192.0.2.1" : "XCLIENT ADDR=192.0.2.1 PORT=1");
      return answer.isEmpty() || listener.isError(answer) || answer.contains("ignor")
          ? passed("XCLIENT is refused: " + answer)
          : failed("XCLIENT of a stranger is taken: " + answer);
    }
  }
}

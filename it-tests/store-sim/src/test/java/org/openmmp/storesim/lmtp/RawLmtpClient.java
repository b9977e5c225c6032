package org.openmmp.storesim.lmtp;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import org.openmmp.storesim.RawClient;

/** A client that knows of LMTP that a hyphen behind a code promises another line. */
final class RawLmtpClient extends RawClient {
  static final String LHLO = "LHLO mx.example.com";
  static final String MAIL = "MAIL FROM:<bob@example.net>";

  RawLmtpClient(InetSocketAddress address) throws IOException {
    super(address);
  }

  /** Sends a command and reads the one line of its reply. */
  String command(String command) throws IOException {
    return lineAfter(command);
  }

  /** Sends a command and reads the lines of its reply. */
  List<String> reply(String command) throws IOException {
    List<String> lines = new ArrayList<>(List.of(command(command)));
    while (lines.get(lines.size() - 1).startsWith("-", 3)) {
      lines.add(line());
    }
    return lines;
  }

  /** Greeting, LHLO, MAIL and RCPT; the reply to the last RCPT. */
  String envelope(String... recipients) throws IOException {
    line();
    reply(LHLO);
    String last = command(MAIL);
    for (String recipient : recipients) {
      last = command("RCPT TO:<" + recipient + ">");
    }
    return last;
  }
}

package org.openmmp.storesim.pop3;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import org.openmmp.storesim.RawClient;

/** A client that knows of POP3 that a dot alone ends a reply of many lines. */
final class RawPop3Client extends RawClient {
  RawPop3Client(InetSocketAddress address) throws IOException {
    super(address);
  }

  /** Reads the greeting and logs in as alice; the answer to PASS. */
  String logIn() throws IOException {
    line();
    command("USER alice");
    return command("PASS sesame");
  }

  /** Sends a command and reads the one line of its answer. */
  String command(String command) throws IOException {
    return lineAfter(command);
  }

  /** Sends a command and reads its answer up to the dot, which is the last of the lines. */
  List<String> lines(String command) throws IOException {
    List<String> lines = new ArrayList<>(List.of(command(command)));
    do {
      lines.add(line());
    } while (!List.of(".", "<closed>").contains(lines.get(lines.size() - 1)));
    return lines;
  }
}

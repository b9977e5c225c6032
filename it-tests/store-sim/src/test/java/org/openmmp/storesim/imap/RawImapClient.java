package org.openmmp.storesim.imap;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import org.openmmp.storesim.RawClient;

/** A client that knows of IMAP that a tag ends a command's answer. */
final class RawImapClient extends RawClient {
  RawImapClient(InetSocketAddress address) throws IOException {
    super(address);
  }

  /** Sends a command and reads up to its tagged answer, which is the last of the lines. */
  List<String> command(String command) throws IOException {
    String tag = command.substring(0, command.indexOf(' '));
    send(command + "\r\n");
    List<String> lines = new ArrayList<>();
    String line;
    do {
      line = line();
      lines.add(line);
    } while (!line.startsWith(tag + " ") && !line.equals("<closed>"));
    return lines;
  }

  /** The tagged answer alone. */
  String answer(String command) throws IOException {
    List<String> lines = command(command);
    return lines.get(lines.size() - 1);
  }
}

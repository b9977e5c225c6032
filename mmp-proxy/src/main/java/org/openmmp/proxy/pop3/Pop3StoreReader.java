package org.openmmp.proxy.pop3;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.openmmp.proxy.store.StoreOctets;

/** Makes replies of a store's lines. */
final class Pop3StoreReader {
  private final StoreOctets octets;
  private final List<String> lines = new ArrayList<>();
  private @Nullable Pop3Reply first;

  Pop3StoreReader(StoreOctets octets) {
    this.octets = octets;
  }

  /**
   * The next reply, or null if it is not there yet.
   *
   * @param multiLine whether lines follow if it is {@code +OK} (RFC 1939 section 3)
   */
  @Nullable Pop3Reply next(boolean multiLine) {
    for (String line = octets.line(); line != null; line = octets.line()) {
      Pop3Reply begun = first;
      if (begun == null) {
        Pop3Reply reply = Pop3Reply.parse(line);
        if (!multiLine || reply.status() != Pop3Reply.Status.OK) {
          return reply;
        }
        first = reply;
      } else if (line.equals(".")) {
        Pop3Reply whole = begun.with(lines);
        first = null;
        lines.clear();
        return whole;
      } else {
        lines.add(line.startsWith(".") ? line.substring(1) : line);
      }
    }
    return null;
  }
}

package org.openmmp.it;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.openmmp.it.fixture.MailUser;

/** What the front end's log says of each user's session. */
final class SessionOutcomes {
  private static final Pattern EVENT =
      Pattern.compile(
          "session (login|session-moved|session-stranded|session-end) .*? user=(\\S+)@.*");
  private static final Pattern HOST = Pattern.compile(" host=(\\S+)");
  private static final Pattern WHY = Pattern.compile(" why=(\\S+)");

  private final Path log;
  private final Map<String, String> hosts = new HashMap<>();
  private final Map<String, String> outcome = new HashMap<>();
  private final Map<String, Integer> reasons = new TreeMap<>();
  private int moved;
  private long read;

  SessionOutcomes(Path log) {
    this.log = log;
  }

  /** What comes from now on is about what is done now. */
  void forget() {
    look();
    outcome.clear();
  }

  /** How many moves there were. */
  int moved() {
    look();
    return moved;
  }

  /** How often a session was not moved, by reason. */
  Map<String, Integer> reasons() {
    look();
    return reasons;
  }

  /** Whether it has moved, ended, or was left where it is. */
  boolean isDecided(MailUser user) {
    look();
    return outcome.containsKey(user.name());
  }

  /** Where its session is. */
  String host(MailUser user) {
    look();
    return hosts.getOrDefault(user.name(), "");
  }

  private void look() {
    try (var channel = Files.newByteChannel(log)) {
      channel.position(read);
      byte[] fresh = new byte[(int) (channel.size() - read)];
      int got = channel.read(ByteBuffer.wrap(fresh));
      String text = new String(fresh, 0, Math.max(got, 0), StandardCharsets.ISO_8859_1);
      int whole = text.lastIndexOf('\n') + 1;
      read += whole;
      text.substring(0, whole).lines().forEach(this::line);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void line(String line) {
    Matcher event = EVENT.matcher(line);
    if (!event.find()) {
      return;
    }
    String user = event.group(2);
    Matcher host = HOST.matcher(line);
    switch (event.group(1)) {
      case "login" -> {
        if (host.find()) {
          hosts.put(user, host.group(1));
        }
      }
      case "session-moved" -> {
        if (host.find()) {
          hosts.put(user, host.group(1));
        }
        moved++;
        outcome.put(user, "moved");
      }
      case "session-stranded" -> {
        Matcher why = WHY.matcher(line);
        String reason = why.find() ? why.group(1) : "?";
        reasons.merge(
            (line.contains(" stays=yes") ? "stays: " : "BYE: ") + reason, 1, Integer::sum);
        if (line.contains(" stays=yes")) {
          outcome.put(user, "stays");
        }
      }
      default -> outcome.put(user, "ended");
    }
  }
}

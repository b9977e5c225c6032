package org.openmmp.shared;

import java.io.DataInputStream;
import java.io.IOException;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.openmmp.wire.Secret;

/**
 * What this front end's TLS session tickets are sealed with, and what the others' are. Each makes
 * its own, so that nobody has to agree on one, and a new one every hour; a former one opens tickets
 * for one hour more. Of one thread.
 */
final class Tickets {
  /** This front end's present one, and its former one. */
  private static final int OWN = 2;

  private static final long NEW_NANOS = Duration.ofHours(1).toNanos();

  /** A client may come with the ticket of a front end that is gone. */
  private static final long KEPT_NANOS = 2 * NEW_NANOS;

  private static final int FORM = 8;
  private static final int OCTETS = 32;
  private static final int MOST_FRONT_ENDS = 64;

  /** What another one told, and when that was heard last. */
  private record Told(List<Secret> secrets, long atNanos) {}

  private final SecureRandom random = new SecureRandom();
  private final Map<String, Told> others = new HashMap<>();
  private List<Secret> own = List.of();
  private long madeNanos;

  /** This front end's own; the first one is that of new tickets. */
  List<Secret> own(long nowNanos) {
    if (own.isEmpty() || nowNanos - madeNanos > NEW_NANOS) {
      byte[] octets = new byte[OCTETS];
      random.nextBytes(octets);
      own = Stream.concat(Stream.of(Secret.taking(octets)), own.stream()).limit(OWN).toList();
      madeNanos = nowNanos;
    }
    return own;
  }

  /** Another one that lives has these. */
  void heard(String field, List<Secret> secrets, long nowNanos) {
    if (others.containsKey(field) || others.size() < MOST_FRONT_ENDS) {
      others.put(field, new Told(secrets, nowNanos));
    }
  }

  /** All that tickets are opened with, this front end's own first. */
  List<Secret> all(long nowNanos) {
    others.values().removeIf(each -> nowNanos - each.atNanos() > KEPT_NANOS);
    Set<Secret> all = new LinkedHashSet<>(own(nowNanos));
    others.keySet().stream().sorted().map(others::get).forEach(each -> all.addAll(each.secrets()));
    return List.copyOf(all);
  }

  static byte[] packed(List<Secret> secrets) {
    return Packed.of(
        FORM,
        out -> {
          out.writeInt(secrets.size());
          for (Secret each : secrets) {
            out.write(each.copy());
          }
        });
  }

  static Optional<List<Secret>> of(byte[] octets) {
    return Packed.read(
        FORM,
        octets,
        in -> {
          List<Secret> secrets = new ArrayList<>();
          for (int i = Packed.count(in, OWN); i > 0; i--) {
            secrets.add(read(in));
          }
          return List.copyOf(secrets);
        });
  }

  private static Secret read(DataInputStream in) throws IOException {
    byte[] octets = new byte[OCTETS];
    in.readFully(octets);
    return Secret.taking(octets);
  }
}

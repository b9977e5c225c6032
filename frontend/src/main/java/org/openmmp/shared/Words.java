package org.openmmp.shared;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.openmmp.repgroup.GroupWord;
import org.openmmp.repgroup.Service;
import org.openmmp.repgroup.StoreHost;

/**
 * A front end's words on its groups as octets: with the age of what they tell and without a time,
 * for no two clocks agree (rule B2.18).
 */
final class Words {
  private static final int FORM = 4;
  private static final int MOST_GROUPS = 20_000;
  private static final int MOST_HOSTS = 1_000;

  /** What is older says nothing more by its age. */
  private static final long OLDEST_MILLIS = Duration.ofDays(7).toMillis();

  private Words() {}

  static byte[] packed(List<GroupWord> words, long nowNanos) {
    return Packed.of(
        FORM,
        out -> {
          List<GroupWord> told = words.size() > MOST_GROUPS ? words.subList(0, MOST_GROUPS) : words;
          out.writeInt(told.size());
          for (GroupWord each : told) {
            write(out, each, nowNanos);
          }
        });
  }

  private static void write(DataOutputStream out, GroupWord word, long nowNanos)
      throws IOException {
    Packed.text(out, word.group());
    StoreHost master = word.master();
    Packed.text(out, master == null ? "" : master.name());
    out.writeInt(age(word.masterNanos(), nowNanos));
    out.writeInt(word.failed().size());
    for (GroupWord.FailedHost each : word.failed()) {
      Packed.text(out, each.service().name());
      Packed.text(out, each.host().name());
      out.writeInt(age(each.asOfNanos(), nowNanos));
    }
  }

  private static int age(long asOfNanos, long nowNanos) {
    long millis = TimeUnit.NANOSECONDS.toMillis(nowNanos - asOfNanos);
    return (int) Math.max(0, Math.min(millis, OLDEST_MILLIS));
  }

  /**
   * Reads them.
   *
   * @param heardNanos when they were new, by the clock of this process
   */
  static Optional<List<GroupWord>> of(byte[] octets, long heardNanos) {
    return Packed.read(
        FORM,
        octets,
        in -> {
          List<GroupWord> words = new ArrayList<>();
          for (int i = Packed.count(in, MOST_GROUPS); i > 0; i--) {
            words.add(read(in, heardNanos));
          }
          return words;
        });
  }

  private static GroupWord read(DataInputStream in, long heardNanos) throws IOException {
    String group = Packed.text(in, Beacon.MOST_NAME_OCTETS);
    String master = Packed.text(in, Beacon.MOST_NAME_OCTETS);
    long masterNanos = heardNanos - age(in);
    List<GroupWord.FailedHost> failed = new ArrayList<>();
    for (int i = Packed.count(in, MOST_HOSTS); i > 0; i--) {
      Service service = new Service(Packed.text(in, Beacon.MOST_NAME_OCTETS));
      StoreHost host = host(Packed.text(in, Beacon.MOST_NAME_OCTETS));
      failed.add(new GroupWord.FailedHost(service, host, heardNanos - age(in)));
    }
    return new GroupWord(group, master.isEmpty() ? null : host(master), masterNanos, failed);
  }

  private static StoreHost host(String name) throws IOException {
    if (!StoreHost.isName(name)) {
      throw new IOException("no host");
    }
    return new StoreHost(name);
  }

  private static long age(DataInputStream in) throws IOException {
    return TimeUnit.MILLISECONDS.toNanos(Packed.count(in, Integer.MAX_VALUE));
  }
}

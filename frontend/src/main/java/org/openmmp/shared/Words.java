package org.openmmp.shared;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.openmmp.repgroup.GroupWord;
import org.openmmp.repgroup.ProbePlace;
import org.openmmp.repgroup.ProbePlan;
import org.openmmp.repgroup.Service;
import org.openmmp.repgroup.StoreHost;

/**
 * A front end's words on its groups, and on what it probes, as octets: with the age of what they
 * tell and without a time, for no two clocks agree (rule B2.18).
 */
final class Words {
  private static final int FORM = 10;
  private static final int TURNS_FORM = 9;

  /** More places than that are probed by each front end for itself; all leave out the same. */
  static final int MOST_TURNS = 1_000;

  private static final int LARGEST_PORT = 65_535;
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
    write(out, word.failed(), nowNanos);
    write(out, word.recovered(), nowNanos);
  }

  private static void write(DataOutputStream out, List<GroupWord.HostWord> hosts, long nowNanos)
      throws IOException {
    out.writeInt(hosts.size());
    for (GroupWord.HostWord each : hosts) {
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
    List<GroupWord.HostWord> failed = hosts(in, heardNanos);
    List<GroupWord.HostWord> recovered = hosts(in, heardNanos);
    return new GroupWord(
        group, master.isEmpty() ? null : host(master), masterNanos, failed, recovered);
  }

  private static List<GroupWord.HostWord> hosts(DataInputStream in, long heardNanos)
      throws IOException {
    List<GroupWord.HostWord> hosts = new ArrayList<>();
    for (int i = Packed.count(in, MOST_HOSTS); i > 0; i--) {
      Service service = new Service(Packed.text(in, Beacon.MOST_NAME_OCTETS));
      StoreHost host = host(Packed.text(in, Beacon.MOST_NAME_OCTETS));
      hosts.add(new GroupWord.HostWord(service, host, heardNanos - age(in)));
    }
    return hosts;
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

  /** The same of the places that a front end probes. */
  static byte[] ofTurns(List<ProbePlan.Turn<ProbePlace>> turns) {
    List<ProbePlan.Turn<ProbePlace>> told =
        turns.stream()
            .sorted(Comparator.comparing(each -> each.place().toString()))
            .limit(MOST_TURNS)
            .toList();
    return Packed.of(
        TURNS_FORM,
        out -> {
          out.writeInt(told.size());
          for (ProbePlan.Turn<ProbePlace> each : told) {
            Packed.text(out, each.place().service().name());
            Packed.text(out, each.place().host().name());
            out.writeInt(each.place().port());
            out.writeLong(each.number());
            out.writeBoolean(each.hurried());
          }
        });
  }

  /** Reads those. */
  static Optional<List<ProbePlan.Turn<ProbePlace>>> turns(byte[] octets) {
    return Packed.read(
        TURNS_FORM,
        octets,
        in -> {
          List<ProbePlan.Turn<ProbePlace>> turns = new ArrayList<>();
          for (int i = Packed.count(in, MOST_TURNS); i > 0; i--) {
            Service service = new Service(Packed.text(in, Beacon.MOST_NAME_OCTETS));
            StoreHost host = host(Packed.text(in, Beacon.MOST_NAME_OCTETS));
            ProbePlace place = new ProbePlace(service, host, Packed.count(in, LARGEST_PORT));
            turns.add(new ProbePlan.Turn<>(place, in.readLong(), in.readBoolean()));
          }
          return List.copyOf(turns);
        });
  }
}

package org.openmmp.it.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.openmmp.it.fixture.NetworkNamespace;
import org.openmmp.it.fixture.RunDirectory;
import org.openmmp.it.fixture.ServerProcess;

/**
 * Three replicas of a store, each on a host of its own that can vanish, the first of them master.
 */
final class CrowdSite implements AutoCloseable {
  static final int PORT = 1143;
  static final int LMTP_PORT = 1024;

  /** What everybody's mailbox has at the first store; the others have got one more. */
  static final int MESSAGES = 3;

  /** Prints a line for each connection that somebody begins to the store: ports, and a clock. */
  private static final String COUNTS_SYNS =
      """
      import socket, time
      wire = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(0x0800))
      print('listening', flush=True)
      while True:
          frame = wire.recv(256)
          ip = frame[14:]
          tcp = ip[(ip[0] & 15) * 4:]
          if ip[9] == 6 and tcp[13] & 0x12 == 2:
              to = int.from_bytes(tcp[2:4], 'big')
              print('syn', to, int.from_bytes(tcp[0:2], 'big'), int(time.time()), flush=True)
      """;

  private static final Pattern LISTENING = Pattern.compile("(?m)^listening$");
  private static final Pattern SYN = Pattern.compile("(?m)^syn (\\d+) (\\d+) (\\d+)$");
  private static final Pattern TOOK = Pattern.compile("(?m)^took (\\d+) (\\d+)$");

  private final RunDirectory run;
  private final List<NetworkNamespace> hosts = new ArrayList<>();
  private final List<ServerProcess> stores = new ArrayList<>();
  private final List<ServerProcess> all = new ArrayList<>();
  private final List<ServerProcess> counters = new ArrayList<>();
  private int starts;
  private int seenBefore;

  CrowdSite(RunDirectory run) {
    this.run = run;
    for (int i = 0; i < 3; i++) {
      hosts.add(new NetworkNamespace());
      stores.add(start(i));
      List<String> counting = new ArrayList<>(hosts.get(i).launcher());
      counting.addAll(List.of("python3", "-c", COUNTS_SYNS));
      ServerProcess counter =
          ServerProcess.start("syns" + i, run.log("syns" + i), Map.of(), counting);
      counter.awaitLine(LISTENING);
      counters.add(counter);
    }
    elect(0, List.of(0, 1, 2));
  }

  private ServerProcess start(int host) {
    String name = "store" + host + "-" + starts++;
    List<String> command = new ArrayList<>(hosts.get(host).launcher());
    command.addAll(
        List.of(
            System.getProperty("java.home") + "/bin/java",
            "-Xmx192m",
            "-XX:+UseSerialGC",
            "-cp",
            System.getProperty("java.class.path"),
            CrowdStore.class.getName(),
            address(host),
            String.valueOf(PORT),
            String.valueOf(host == 0 ? MESSAGES : MESSAGES + 1)));
    ServerProcess store = ServerProcess.start(name, run.log(name), Map.of(), command);
    all.add(store);
    store.awaitAccepting(new InetSocketAddress(address(host), PORT));
    return store;
  }

  String address(int host) {
    return hosts.get(host).address();
  }

  List<String> addresses() {
    return IntStream.range(0, 3).mapToObj(this::address).toList();
  }

  /** Tells those hosts who the master is from now on. */
  void elect(int master, List<Integer> told) {
    told.forEach(host -> ask(host, "XMASTER " + address(master)));
  }

  /** What happens to the first store, and what undoes it. */
  enum Fault {
    KILLED {
      @Override
      void happen(CrowdSite site) {
        site.stores.get(0).kill();
      }

      @Override
      void end(CrowdSite site) {
        site.stores.set(0, site.start(0));
      }
    },

    HUNG {
      @Override
      void happen(CrowdSite site) {
        site.stores.get(0).hang();
      }

      @Override
      void end(CrowdSite site) {
        site.stores.get(0).goOn();
      }
    },

    BLACK_HOLED {
      @Override
      void happen(CrowdSite site) {
        site.hosts.get(0).vanish();
      }

      @Override
      void end(CrowdSite site) {
        site.hosts.get(0).reappear();
      }
    };

    abstract void happen(CrowdSite site);

    abstract void end(CrowdSite site);
  }

  /** Forgets the connections that were begun to the first store until now. */
  void countAttempts() {
    seenBefore = counters.get(0).printed().length();
  }

  /** How many connections were begun to the first store since, one that is repeated once. */
  long attempts() {
    return bySecond(PORT).values().stream().mapToLong(Long::longValue).sum();
  }

  /** The same of those to a port of it, by the second in which they were begun. */
  Map<String, Long> bySecond(int port) {
    Set<String> seen = new HashSet<>();
    return SYN.matcher(counters.get(0).printed().substring(seenBefore))
        .results()
        .filter(syn -> syn.group(1).equals(String.valueOf(port)) && seen.add(syn.group(2)))
        .collect(Collectors.groupingBy(syn -> syn.group(3), Collectors.counting()));
  }

  /**
   * A message that a store took.
   *
   * @param number what its subject says
   * @param atMillis of the system's clock
   */
  record Taken(int number, long atMillis) {}

  /** What one of the stores took, or what all did that ever ran (-1). */
  List<Taken> taken(int host) {
    return (host < 0 ? all : List.of(stores.get(host)))
        .stream()
            .flatMap(store -> TOOK.matcher(store.printed()).results())
            .map(took -> new Taken(Integer.parseInt(took.group(1)), Long.parseLong(took.group(2))))
            .toList();
  }

  /** How many a store let in, in each second in which it let somebody in; forgets them. */
  int[] loginsBySecond(int host) {
    String told = ask(host, "XLOGINS");
    return Arrays.stream(told.split(" ", -1))
        .skip(2)
        .mapToInt(Integer::parseInt)
        .filter(logins -> logins > 0)
        .toArray();
  }

  private String ask(int host, String command) {
    try (Connection store = new Connection(new Socket(address(host), PORT))) {
      store.line();
      store.say("x " + command + "\r\n");
      return store.line();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    counters.forEach(ServerProcess::close);
    stores.forEach(ServerProcess::close);
    hosts.forEach(NetworkNamespace::close);
  }
}

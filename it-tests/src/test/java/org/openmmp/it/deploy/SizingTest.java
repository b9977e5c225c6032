package org.openmmp.it.deploy;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.openmmp.it.fixture.Await;
import org.openmmp.it.fixture.Command;
import org.openmmp.it.fixture.MailUser;
import org.openmmp.it.fixture.ReadyLine;
import org.openmmp.it.fixture.RunDirectory;
import org.openmmp.it.fixture.ServerProcess;
import org.openmmp.storesim.Accounts;
import org.openmmp.storesim.ClusterSettings;
import org.openmmp.storesim.DirectoryUser;
import org.openmmp.storesim.EmbeddedDirectory;
import org.openmmp.storesim.SimulatedCertificate;
import org.openmmp.storesim.StoreCluster;
import org.openmmp.storesim.imap.ImapEndpoint;
import org.openmmp.storesim.session.NodeTls;

/**
 * What a session takes of the packaged program, by its heap after a collection and its descriptors:
 * the figures that the launcher counts with, and docs/operate/install.md tells. With {@code
 * -Dsizing.sessions=8000} it measures as many.
 */
@Tag("slow")
final class SizingTest {
  private static final Path LAUNCHER = Path.of("../docker/target/openmmp/bin/openmmp");
  private static final int SESSIONS = Integer.getInteger("sizing.sessions", 1_000);
  private static final int WARM = 200;
  private static final int SLOW = 40;
  private static final int LETTER = 4 * 1024 * 1024;
  private static final int PIECE = 16 * 1024;
  private static final Duration LIMIT = Duration.ofMinutes(2);
  private static final MailUser ALICE = MailUser.of("alice");

  /** What the launcher counts for each client. */
  private static final int COUNTED = 16 * 1024;

  private final List<Socket> clients = new ArrayList<>();
  private RunDirectory run;
  private EmbeddedDirectory directory;
  private StoreCluster stores;
  private ServerProcess program;
  private Map<String, Integer> ports;
  private SSLContext trusting;

  @BeforeEach
  void start() {
    run = RunDirectory.of(SizingTest.class);
    directory = EmbeddedDirectory.start();
    directory.add(new DirectoryUser(ALICE.name(), ALICE.domain(), ALICE.password(), "cluster1"));
    Accounts accounts = new Accounts();
    accounts.user(ALICE.login(), ALICE.password());
    stores =
        StoreCluster.start(
            ClusterSettings.replicated("cluster1", "huey"),
            accounts,
            List.of(new ImapEndpoint(NodeTls.none())));
    Path folder = run.create("program");
    SimulatedCertificate shown = SimulatedCertificate.forHosts(List.of("localhost", "127.0.0.1"));
    Path certificate = shown.writeCertificate(folder.resolve("mmp.pem"));
    trusting = shown.clientContext(certificate);
    Path file = folder.resolve("openmmp.conf");
    RunDirectory.write(
        file,
        """
        openmmp {
          directory {
            urls = "%s", base-dn = "%s", bind-dn = "%s", bind-password = "%s"
            default-domain = example.com
          }
          proxy.cluster1 { storehostlist = "%s", imapport = %d }
          proxy-defaults.tls = off
          imap { listen = "127.0.0.1:0", listen-tls = "127.0.0.1:0", clear-text-passwords = always }
          tls { certificate = "%s", key = "%s" }
          limits {
            exempt-networks = "127.0.0.0/8", sessions-per-user = 0, logins-per-second-per-address = 0
          }
          admin { listen = null, socket = null }
          state-file = null
        }
        """
            .formatted(
                directory.url(),
                EmbeddedDirectory.BASE_DN,
                EmbeddedDirectory.BIND_DN,
                EmbeddedDirectory.BIND_PASSWORD,
                stores.storeHostList(),
                stores.port(ImapEndpoint.IMAP),
                certificate,
                shown.writeKey(folder.resolve("mmp.key"))));
    program =
        ServerProcess.start(
            "program",
            run.log("program"),
            Map.of("JAVA_HOME", System.getProperty("java.home")),
            List.of(LAUNCHER.toString(), "proxy", "--config", file.toString()));
    ports = ReadyLine.awaitPorts(program);
  }

  @AfterEach
  void stop() throws IOException {
    for (Socket client : clients) {
      client.close();
    }
    program.kill();
    program.close();
    stores.close();
    directory.close();
    run.close();
  }

  // B7.12
  @ParameterizedTest
  @ValueSource(strings = {"imap", "imaps"})
  void idleSessionTakesLessHeapThanIsCountedForItAndTwoDescriptors(String listener) {
    connect(listener, WARM);
    long heap = liveHeap();
    long resident = residentKib();
    long descriptors = descriptors();
    connect(listener, SESSIONS);
    long each = (liveHeap() - heap) / SESSIONS;
    long descriptorsOfAll = descriptors() - descriptors;
    System.out.printf(
        "%s: %d sessions more: %d octets of heap each, %d KiB resident each, %d descriptors%n",
        listener, SESSIONS, each, (residentKib() - resident) / SESSIONS, descriptorsOfAll);
    assertTrue(each > 0 && each <= COUNTED / 2, each + " octets");
    // Beside the sessions' own a few of the program's, such as a connection to the directory.
    assertTrue(Math.abs(descriptorsOfAll - 2L * SESSIONS) <= 16, descriptorsOfAll + " descriptors");
  }

  // B7.12, B3.11
  @Test
  void sessionThatTheKernelRelaysToASlowClientTakesTwoMore() throws IOException {
    stores
        .mail()
        .of(ALICE.login())
        .inbox()
        .append(List.of(), OffsetDateTime.now(ZoneOffset.UTC), new byte[LETTER]);
    connect("imap", SLOW);
    long idle = descriptors();
    for (Socket client : clients) {
      say(client, "b SELECT INBOX");
      answer(client, "b ");
      say(client, "c FETCH 1 BODY[]"); // and reads nothing of it
    }
    // Where the store is slower than we are, as on a busy machine, the first octets come in pieces
    // that fill no read: they are copied, rightly, until the client's side is full, and then
    // nothing
    // is read at all, so that no pipe is needed. By then the store's side fills, so that what is
    // read once the client has taken some fills the read, and goes through a pipe.
    Await.until(
        () -> "pipes: " + (descriptors() - idle), LIMIT, () -> allArePiped(descriptors() - idle));
    // No more than one pipe for each, and those that an event loop keeps.
    assertTrue(descriptors() - idle <= 2L * (SLOW + 64), () -> "" + (descriptors() - idle));
  }

  /** If not, each client takes a little more of its letter. */
  private boolean allArePiped(long descriptors) {
    if (descriptors >= 2L * SLOW) {
      return true;
    }
    try {
      for (Socket client : clients) {
        client.getInputStream().skipNBytes(PIECE);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return false;
  }

  private void connect(String listener, int count) {
    int port = Objects.requireNonNull(ports.get(listener));
    for (int i = 0; i < count; i++) {
      try {
        Socket client =
            listener.endsWith("s") ? trusting.getSocketFactory().createSocket() : new Socket();
        // What ends a handshake is sent in two pieces, of which the second would wait.
        client.setTcpNoDelay(true);
        client.setReceiveBufferSize(16 * 1024);
        clients.add(client);
        client.setSoTimeout((int) LIMIT.toMillis());
        client.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
        answer(client, "* ");
        say(client, "a LOGIN " + ALICE.login() + " " + ALICE.password());
        answer(client, "a OK");
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  private static void say(Socket client, String line) throws IOException {
    client.getOutputStream().write((line + "\r\n").getBytes(StandardCharsets.US_ASCII));
  }

  /** Reads up to the line that begins so, and no octet more. */
  private static void answer(Socket client, String beginning) throws IOException {
    InputStream in = client.getInputStream();
    StringBuilder line = new StringBuilder();
    while (true) {
      int octet = in.read();
      if (octet < 0) {
        throw new IOException("closed behind " + line);
      } else if (octet != '\n') {
        line.append((char) octet);
      } else if (line.indexOf(beginning) == 0) {
        return;
      } else {
        line.setLength(0);
      }
    }
  }

  /** Octets of the objects that something refers to. */
  private long liveHeap() {
    String histogram =
        Command.run(
                Path.of(System.getProperty("java.home"), "bin", "jcmd").toString(),
                Long.toString(program.pid()),
                "GC.class_histogram")
            .succeeded()
            .output();
    String total = histogram.lines().filter(line -> line.startsWith("Total")).findFirst().get();
    return Long.parseLong(total.strip().split(" +", -1)[2]);
  }

  private long residentKib() {
    return Long.parseLong(proc("statm").split(" ", -1)[1]) * 4;
  }

  private String proc(String name) {
    try {
      return Files.readString(Path.of("/proc", Long.toString(program.pid()), name));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private long descriptors() {
    try (Stream<Path> all = Files.list(Path.of("/proc", Long.toString(program.pid()), "fd"))) {
      return all.count();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}

package org.openmmp.it.attack;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.openmmp.it.fixture.DeliveryConnection;
import org.openmmp.it.fixture.MailProtocol;
import org.openmmp.storesim.EmbeddedDirectory;

/** A first directory server that says nothing, while the second serves (B1.6, B1.12, B1.13). */
@Tag("slow")
final class SilentDirectoryTest {
  private static final int AT_ONCE = 60;
  private static final String BOUND =
      "openmmp.directory { bind-dn = \"%s\", bind-password = \"%s\" }\n"
          .formatted(EmbeddedDirectory.BIND_DN, EmbeddedDirectory.BIND_PASSWORD);

  /** How a server says nothing. */
  enum Silence {
    /** The kernel takes the connection, and nobody reads. */
    ACCEPTS,
    /** The kernel takes no connection more, and answers no SYN: as behind a black hole. */
    BLACK_HOLE
  }

  /** The first server. */
  private static final class SilentServer implements AutoCloseable {
    private final ServerSocket socket;
    private final List<SocketChannel> fillers = new ArrayList<>();

    SilentServer(Silence how) throws IOException {
      boolean full = how == Silence.BLACK_HOLE;
      socket = new ServerSocket(0, full ? 1 : 1_000, InetAddress.getLoopbackAddress());
      for (int i = 0; full && i < 8; i++) {
        SocketChannel filler = SocketChannel.open();
        filler.configureBlocking(false);
        filler.connect(socket.getLocalSocketAddress());
        fillers.add(filler);
      }
    }

    String first() {
      return "openmmp.directory.urls = [\"ldap://127.0.0.1:%d\", \"<directory>\"]\n"
          .formatted(socket.getLocalPort());
    }

    @Override
    public void close() throws IOException {
      for (SocketChannel filler : fillers) {
        filler.close();
      }
      socket.close();
    }
  }

  @ParameterizedTest // B1.6, B1.12
  @CsvSource({
    "IMAP, ACCEPTS, true",
    "IMAP, ACCEPTS, false",
    "IMAP, BLACK_HOLE, true",
    "IMAP, BLACK_HOLE, false",
    "POP3, ACCEPTS, true",
    "POP3, BLACK_HOLE, false"
  })
  void everyLoginGoesByTheSecondServer(
      MailProtocol protocol, Silence how, boolean bound, @TempDir Path workplace)
      throws IOException {
    Place place = Place.of(1);
    try (SilentServer silent = new SilentServer(how);
        AttackedProxy proxy =
            AttackedProxy.start(workplace, place.group("g0"), bound ? BOUND : "", silent.first())) {
      proxy.store(place, 0, protocol == MailProtocol.IMAP ? new ImapScript() : new Pop3Script());
      List<String> names = IntStream.range(0, AT_ONCE).mapToObj(i -> "user" + i).toList();
      names.forEach(name -> proxy.user(name, "g0"));
      assertAccepted(proxy, protocol, names.subList(0, 1));
      assertAccepted(proxy, protocol, names);
    }
  }

  private static void assertAccepted(
      AttackedProxy proxy, MailProtocol protocol, List<String> names) {
    List<RawClient> clients = new ArrayList<>();
    for (String name : names) {
      String user = name + "@example.test";
      String password = AttackedProxy.passwordOf(name);
      clients.add(proxy.client(protocol).sendLogin(protocol, user, password));
    }
    for (RawClient client : clients) {
      String answer = client.answerToLogin(protocol);
      assertTrue(answer.startsWith(protocol.accepted()), answer);
      client.close();
    }
  }

  @ParameterizedTest // B1.6, B1.12
  @CsvSource({"ACCEPTS, true", "ACCEPTS, false", "BLACK_HOLE, true", "BLACK_HOLE, false"})
  void everyRecipientGoesByTheSecondServer(Silence how, boolean bound, @TempDir Path workplace)
      throws IOException {
    try (SilentServer silent = new SilentServer(how);
        AttackedRelay relay =
            new AttackedRelay(workplace, 1, 1, bound ? BOUND : "", silent.first())) {
      AttackedRelay.Group group = relay.next();
      group.open(0, new DeliveryScript());
      assertEquals(List.of("250 2.0.0"), relay.deliver(List.of(group.user("a"))));
      List<DeliveryConnection> mtas = new ArrayList<>();
      for (int i = 0; i < AT_ONCE; i++) {
        DeliveryConnection mta = relay.mta();
        mta.send("MAIL FROM:<>\r\nRCPT TO:<" + group.user("b" + i) + ">\r\n");
        mtas.add(mta);
      }
      for (DeliveryConnection mta : mtas) {
        assertTrue(mta.reply().startsWith("250"));
        String answer = mta.reply();
        assertTrue(answer.startsWith("250"), answer);
      }
      assertEquals(List.of("550 5.1.1"), relay.deliver(List.of("nobody@example.test")));
    }
  }
}

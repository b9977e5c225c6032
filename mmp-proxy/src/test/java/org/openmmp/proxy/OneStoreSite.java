package org.openmmp.proxy;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Consumer;
import org.openmmp.config.BadConfigException;
import org.openmmp.config.ConfigReader;
import org.openmmp.program.FrontEndServer;
import org.openmmp.program.SharedRooms;
import org.openmmp.repgroup.GroupSnapshot;
import org.openmmp.transport.SessionFacts;
import org.openmmp.wire.ScramPeers;

/**
 * The IMAP front end on real sockets, before one store that accepts the password {@code secret},
 * refuses {@code wrong}, hangs up on {@code fin}, and has SCRAM for the user {@code bob}. The
 * directory finds everybody there, but for {@code bug}, who makes it throw.
 */
final class OneStoreSite implements AutoCloseable {
  /** What client and store say in the one exchange that the store has. */
  static final ScramPeers SCRAM =
      new ScramPeers("SHA-256", "n,,", "bob", "client", "store", new byte[] {1, 2, 3, 4});

  /** The commands that the store got. */
  final BlockingQueue<String> commands = new LinkedBlockingQueue<>();

  private final ServerSocket store = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
  private final SharedRooms rooms;
  private final FrontEndServer server;

  OneStoreSite(Path directory) throws IOException, BadConfigException {
    this(directory, "");
  }

  OneStoreSite(Path directory, String settings) throws IOException, BadConfigException {
    this(directory, settings, rooms -> {});
  }

  /**
   * A site that is open.
   *
   * @param settings more lines for its configuration
   * @param beforeOpening what happens before the server opens
   */
  OneStoreSite(Path directory, String settings, Consumer<SharedRooms> beforeOpening)
      throws IOException, BadConfigException {
    Thread serving = new Thread(this::serve, "store");
    serving.setDaemon(true);
    serving.start();
    Path file =
        Files.writeString(
            directory.resolve("openmmp.conf"),
            """
            openmmp.directory { urls = "ldap://127.0.0.1:1", base-dn = "dc=example,dc=com" }
            openmmp.proxy.one { storehostlist = "127.0.0.1", imapport = %d, tls = off }
            openmmp.imap {
              listen = "127.0.0.1:0", clear-text-passwords = always
              mechanisms = [PLAIN, SCRAM-SHA-256]
            }
            openmmp.limits.exempt-networks = "127.0.0.0/8"
            """
                    .formatted(store.getLocalPort())
                + settings);
    rooms = SharedRooms.open(ConfigReader.load(file), listener -> new OneGroupDirectory());
    beforeOpening.accept(rooms);
    server = new ProxyProvider().open(rooms);
  }

  /** What is known of the sessions that are open now. */
  List<SessionFacts> sessions() {
    return rooms.sessions().facts().join();
  }

  /** What is remembered of the store. */
  GroupSnapshot.HostSnapshot host() {
    return rooms.selector().snapshot(System.nanoTime()).get(0).hosts().get(0);
  }

  /** Connections are refused from now on. */
  void closeStore() throws IOException {
    store.close();
  }

  InetSocketAddress address() {
    return Objects.requireNonNull(server.addresses().get("imap")).get(0);
  }

  private void serve() {
    boolean open = true;
    while (open) {
      try (Socket client = store.accept()) {
        serve(client);
      } catch (IOException goneOrClosed) {
        open = !store.isClosed();
      }
    }
  }

  private void serve(Socket client) throws IOException {
    OutputStream out = client.getOutputStream();
    BufferedReader in =
        new BufferedReader(new InputStreamReader(client.getInputStream(), US_ASCII));
    out.write("* OK ready\r\n".getBytes(US_ASCII));
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      commands.add(line);
      String tag = line.substring(0, line.indexOf(' '));
      if (line.contains("CAPABILITY")) {
        out.write(
            ("* CAPABILITY IMAP4rev1 SASL-IR AUTH=SCRAM-SHA-256\r\n" + tag + " OK done\r\n")
                .getBytes(US_ASCII));
      } else if (line.contains("AUTHENTICATE")) {
        String answer = authenticate(line, in, out) ? " OK done\r\n" : " NO no\r\n";
        out.write((tag + answer).getBytes(US_ASCII));
      } else if (line.contains("fin")) {
        return;
      } else if (line.contains("wrong")) {
        out.write((tag + " NO [AUTHENTICATIONFAILED] no\r\n").getBytes(US_ASCII));
      } else if (line.contains("LOGOUT")) {
        out.write(("* BYE bye\r\n" + tag + " OK done\r\n").getBytes(US_ASCII));
        return;
      } else {
        out.write((tag + " OK done\r\n").getBytes(US_ASCII));
      }
    }
  }

  /** Whether the client's messages are those of a client that knows the password. */
  private static boolean authenticate(String command, BufferedReader in, OutputStream out)
      throws IOException {
    if (!command.endsWith(' ' + base64(SCRAM.clientFirst()))) {
      return false;
    }
    out.write(("+ " + base64(SCRAM.serverFirst()) + "\r\n").getBytes(US_ASCII));
    if (!base64(SCRAM.clientFinal("secret")).equals(in.readLine())) {
      return false;
    }
    out.write(("+ " + base64(SCRAM.serverFinal("secret")) + "\r\n").getBytes(US_ASCII));
    return "".equals(in.readLine());
  }

  static String base64(String text) {
    return Base64.getEncoder().encodeToString(text.getBytes(US_ASCII));
  }

  @Override
  public void close() throws IOException {
    server.close();
    rooms.close();
    store.close();
  }
}

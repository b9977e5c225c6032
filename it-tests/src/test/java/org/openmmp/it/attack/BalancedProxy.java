package org.openmmp.it.attack;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.time.Duration;
import org.openmmp.it.fixture.Await;

/**
 * The program behind load balancers at 127.0.0.1, beside listeners that expect none. Its group
 * {@code g} has one store, which hears who the client is.
 */
final class BalancedProxy implements AutoCloseable {
  static final String BALANCER = "127.0.0.1";
  static final String STRANGER = "127.0.0.9";

  private final Place place = Place.of(1);
  private final StoreScript script = new ImapScript();
  private final AttackedProxy program;
  private final ScriptedStore store;

  /** Starts it with a user {@code amy}. */
  BalancedProxy(Path workplace, String... settings) {
    program =
        AttackedProxy.start(
            workplace,
            """
            openmmp.imap {
              listen = ["127.0.0.1:0", { address = "127.0.0.1:0", proxy-protocol = required }]
              listen-tls = ["127.0.0.1:0", { address = "127.0.0.1:0", proxy-protocol = required }]
            }
            openmmp.proxy-protocol.networks = ["127.0.0.1"]
            """,
            place.group("g", "client-id = id"),
            String.join("\n", settings));
    store = program.store(place, 0, script);
    program.user("amy", "g");
  }

  AttackedProxy program() {
    return program;
  }

  ScriptedStore store() {
    return store;
  }

  StoreScript script() {
    return script;
  }

  /** A connection of the balancer to the listener that expects its header. */
  RawClient balancer() {
    return program.connect(program.program().addresses("imap").get(1), BALANCER);
  }

  /** The same where TLS comes behind the header. */
  RawClient tlsBalancer() {
    return program.connect(program.program().addresses("imaps").get(1), BALANCER);
  }

  /** A connection from elsewhere to the listener that expects a balancer's header. */
  RawClient stranger() {
    return program.connect(program.program().addresses("imap").get(1), STRANGER);
  }

  /** Logs amy in on a connection whose greeting was not read yet. */
  static void logIn(RawClient client) {
    String answer = client.command("a", AttackedProxy.login("amy"));
    assertEquals("a OK", answer.substring(0, 4), client::heard);
  }

  /** Waits for a line of the log. */
  void awaitLog(String part) {
    Await.until(
        () -> part + " in " + program.log().text(),
        Duration.ofSeconds(20),
        () -> program.log().text().contains(part));
  }

  @Override
  public void close() {
    program.close();
  }
}

package org.openmmp.it.attack;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.openmmp.it.fixture.AdminClient;
import org.openmmp.it.fixture.Await;
import org.openmmp.it.fixture.Endpoint;
import org.openmmp.it.fixture.LogWatch;
import org.openmmp.it.fixture.MailProtocol;
import org.openmmp.it.fixture.ProxyProcess;
import org.openmmp.it.fixture.RunDirectory;
import org.openmmp.storesim.DirectoryUser;
import org.openmmp.storesim.EmbeddedDirectory;

/**
 * The program as a process of its own, for what cannot be done to the one that the test is part of;
 * its directory and its stores are here. When it is closed, its log is judged.
 */
final class ProgramApart implements AutoCloseable {
  private final RunDirectory run;
  private final EmbeddedDirectory directory = EmbeddedDirectory.start();
  private final List<ScriptedStore> stores = new CopyOnWriteArrayList<>();
  private final List<RawClient> clients = new CopyOnWriteArrayList<>();
  private final ProxyProcess program;
  private final Path workplace;

  /**
   * Starts it.
   *
   * @param watch judges its log
   * @param launcher what its command line begins with; empty if nothing
   * @param settings HOCON behind the defaults of these tests: what stands there wins
   */
  ProgramApart(
      Class<?> test, String command, LogWatch watch, List<String> launcher, String... settings) {
    run = RunDirectory.of(test);
    workplace = run.create("workplace");
    try {
      Path written = AttackConfig.write(workplace, directory.url(), String.join("\n", settings));
      String text = "include file(\"" + written + "\")\n";
      program =
          new ProxyProcess(
              run, "program", command, text, workplace.resolve("ca.pem"), watch, launcher);
    } catch (IOException e) {
      directory.close();
      run.close();
      throw new UncheckedIOException(e);
    }
  }

  /** Adds a user. */
  void user(String name, String domain, String password, String mailHost) {
    directory.add(new DirectoryUser(name, domain, password, mailHost));
  }

  EmbeddedDirectory directory() {
    return directory;
  }

  /** Opens a store at one of a place's addresses. */
  ScriptedStore store(Place place, int index, ScriptedStore.Script script) {
    ScriptedStore store = new ScriptedStore(place.address(index), place.port(), script);
    stores.add(store);
    return store;
  }

  /** Where a listener is. */
  InetSocketAddress at(MailProtocol protocol, Endpoint.Security security) {
    return new InetSocketAddress(
        InetAddress.getLoopbackAddress(), program.at(protocol, security).port());
  }

  InetSocketAddress lmtp() {
    return program.lmtp();
  }

  /** A client on the plain port of a protocol that has read nothing yet. */
  RawClient silentClient(MailProtocol protocol) {
    return kept(new RawClient(at(protocol, Endpoint.Security.PLAIN)));
  }

  /** A client on the plain port of a protocol whose greeting was read. */
  RawClient client(MailProtocol protocol) {
    RawClient client = silentClient(protocol);
    client.line();
    return client;
  }

  /** A client under TLS whose greeting was read. */
  RawClient tlsClient(MailProtocol protocol) {
    RawClient client =
        kept(new RawClient(at(protocol, Endpoint.Security.TLS))).startTls(TestIdentity.anonymous());
    client.line();
    return client;
  }

  /** Its process id. */
  long pid() {
    return program.process().pid();
  }

  /** Stops it as it stands. */
  void freeze() {
    program.process().hang();
  }

  /** Lets it go on. */
  void thaw() {
    program.process().goOn();
  }

  AdminClient admin(MailProtocol protocol) {
    return program.admin(protocol);
  }

  AdminClient admin(String service) {
    return program.admin(service);
  }

  String log() {
    return program.log();
  }

  /** An empty directory for what a test writes. */
  Path folder(String name) {
    return run.create(name);
  }

  /** Closes all clients, and waits until nobody is connected. */
  void leave() {
    clients.forEach(RawClient::close);
    Await.until(
        () -> "nobody is connected: " + connections() + "\n" + log(),
        Duration.ofSeconds(20),
        () -> connections() == 0);
  }

  /** Clients that are connected. */
  private int connections() {
    return (int) metric("openmmp_connections");
  }

  /** The sum of a metric's values, of all labels. */
  double metric(String name) {
    Matcher value =
        Pattern.compile("(?m)^" + name + "(?:\\{.*\\})? (\\S+)$")
            .matcher(admin(MailProtocol.IMAP).page("/metrics"));
    double sum = 0;
    while (value.find()) {
      sum += Double.parseDouble(value.group(1));
    }
    return sum;
  }

  @Override
  public void close() {
    try {
      clients.forEach(RawClient::close);
      program.close();
    } finally {
      stores.forEach(ScriptedStore::close);
      directory.close();
      run.close();
    }
  }

  private RawClient kept(RawClient client) {
    clients.add(client);
    return client;
  }
}

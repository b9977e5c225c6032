package org.openmmp.directory.ldap;

import static org.junit.jupiter.api.Assertions.assertEquals;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/** What the log says of a directory that is configured wrongly: once, and what has to be mended. */
class DirectoryLogTest {
  private final Logger logger =
      (Logger) LoggerFactory.getLogger(LdapServers.class.getPackageName());
  private final ListAppender<ILoggingEvent> lines = new ListAppender<>();

  @TempDir private Path folder;

  @BeforeEach
  void listen() {
    lines.start();
    logger.addAppender(lines);
  }

  @AfterEach
  void stopListening() {
    logger.detachAppender(lines);
  }

  // R8
  @Test
  void missingBaseIsAWarningOnceAMinuteThatNamesIt() throws Exception {
    try (LdapServerFixture server = LdapServerFixture.start();
        Client client =
            new Client(Settings.of(server.address()).base("dc=lost,dc=org").cacheSize(0))) {
      String warning =
          "directory server %1$s refuses: the base DN dc=lost,dc=org does not exist on %1$s"
              .formatted("localhost:" + server.port());
      client.lookUp("alice");
      client.lookUp("alice");
      client.lookUp("bob");
      assertEquals(List.of(warning), warnings());
      client.ticker.advance(Duration.ofMinutes(1));
      client.lookUp("alice");
      assertEquals(List.of(warning, warning), warnings());
    }
  }

  // B1.6, B6.6
  @Test
  void wrongBindPasswordIsAWarningThatNamesTheBindDnAndNoPassword() throws Exception {
    try (LdapServerFixture server = LdapServerFixture.start();
        Client client = new Client(Settings.of(server.address()).bindPassword("not-the-secret"))) {
      client.lookUp("alice");
      client.lookUp("bob");
      assertEquals(
          List.of(
              "directory server localhost:"
                  + server.port()
                  + " cannot be used: the bind DN cn=proxy,dc=example,dc=com was refused: invalid"
                  + " credentials"),
          warnings());
    }
  }

  // B1.6, T8
  @Test
  void strangersCertificateIsAWarningThatSaysWhyToItsEnd() throws Exception {
    Path other = TestCertificate.of("ca.example.org").writeTo(folder);
    TestCertificate own = TestCertificate.of("localhost");
    try (LdapServerFixture server = LdapServerFixture.startWithLdaps(own.serverContext());
        Client client = new Client(Settings.of(server.address()).caFile(other))) {
      client.lookUp("alice");
      assertEquals(
          List.of(
              "directory server localhost:"
                  + server.port()
                  + " cannot be used: the certificate of localhost is not trusted: unable to find"
                  + " valid certification path to requested target"),
          warnings());
    }
  }

  private List<String> warnings() {
    return List.copyOf(lines.list).stream()
        .filter(line -> line.getLevel().isGreaterOrEqual(Level.WARN))
        .map(ILoggingEvent::getFormattedMessage)
        .toList();
  }
}

package org.openmmp.directory.ldap;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.openmmp.directory.LookupResult;
import org.openmmp.directory.LookupResult.Kind;

final class LdapTlsTest {
  @TempDir private Path folder;

  // B1.6
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void trustedServerWithTheRightNameIsUsed(boolean ldaps) throws Exception {
    TestCertificate certificate = TestCertificate.of("localhost");
    try (LdapServerFixture server = start(certificate, ldaps);
        Client client = new Client(settings(server).caFile(certificate.writeTo(folder)))) {
      assertEquals("h1", client.lookUp("alice").mailHost());
    }
  }

  // B1.6, T8
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void strangersCertificateIsRefused(boolean ldaps) throws Exception {
    Path other = TestCertificate.of("ca.example.org").writeTo(folder);
    try (LdapServerFixture server = start(TestCertificate.of("localhost"), ldaps);
        Client client = new Client(settings(server).caFile(other));
        Client system = new Client(settings(server))) {
      String untrusted =
          "the certificate of localhost is not trusted: unable to find valid certification path to"
              + " requested target";
      assertRefused(server, client, untrusted);
      assertRefused(server, system, untrusted);
    }
  }

  // B1.6, T8: a new authority under the old one's name
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void certificateSignedByAnotherKeyIsRefused(boolean ldaps) throws Exception {
    Path other = TestCertificate.of("localhost").writeTo(folder);
    try (LdapServerFixture server = start(TestCertificate.of("localhost"), ldaps);
        Client client = new Client(settings(server).caFile(other))) {
      assertRefused(
          server, client, "the certificate of localhost is not trusted: signature does not match");
    }
  }

  // B1.6, T8
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void certificateForAnotherNameIsRefused(boolean ldaps) throws Exception {
    TestCertificate certificate = TestCertificate.of("ldap.example.org");
    try (LdapServerFixture server = start(certificate, ldaps);
        Client client = new Client(settings(server).caFile(certificate.writeTo(folder)))) {
      assertRefused(
          server, client, "the certificate of localhost is not trusted: host name does not match");
    }
  }

  // B1.6, T8
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void expiredCertificateOfACaIsRefused(boolean ldaps) throws Exception {
    TestCertificate certificate = TestCertificate.expired("localhost");
    try (LdapServerFixture server = start(certificate, ldaps);
        Client client = new Client(settings(server).caFile(certificate.writeTo(folder)))) {
      assertRefused(
          server, client, "the certificate of localhost is not trusted: expired, NotAfter: ");
    }
  }

  // B1.6: never in the clear instead
  @Test
  void serverWithoutStartTlsIsNotUsed() throws Exception {
    try (LdapServerFixture server = LdapServerFixture.start().user("alice", "mailHost: h1");
        Client client = new Client(settings(server))) {
      assertRefused(server, client, "localhost refused StartTLS: unwilling to perform");
    }
  }

  // B1.6
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void serverThatHangsBeforeTlsCostsItsTimeLimit(boolean ldaps) throws Exception {
    try (ServerSocket silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
      DirectoryConfig.Server hung =
          new DirectoryConfig.Server("localhost", silent.getLocalPort(), ldaps);
      Settings settings =
          Settings.of(hung)
              .startTls()
              .connectTimeout(Duration.ofMillis(300))
              .searchTimeout(Duration.ofMillis(300));
      try (Client client = new Client(settings)) {
        LookupResult result = client.lookUp("alice");
        assertEquals(Kind.DIRECTORY_DOWN, result.kind());
        assertEquals("no connection to localhost: timed out", result.reason());
      }
    }
  }

  // B1.6: the answer to StartTLS comes, the handshake never does
  @Test
  void serverThatHangsInTheHandshakeCostsItsTimeLimit() throws Exception {
    byte[] startTlsAccepted = HexFormat.of().parseHex("300c02010178070a010004000400");
    try (ServerSocket listening = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
      Thread peer =
          new Thread(
              () -> {
                try (Socket socket = listening.accept()) {
                  socket.getOutputStream().write(startTlsAccepted);
                  socket.getInputStream().transferTo(OutputStream.nullOutputStream());
                } catch (IOException e) {
                  // The client gave up, which is what the test waits for.
                }
              });
      peer.start();
      DirectoryConfig.Server hung =
          new DirectoryConfig.Server("localhost", listening.getLocalPort(), false);
      Settings settings =
          Settings.of(hung)
              .startTls()
              .connectTimeout(Duration.ofMillis(300))
              .searchTimeout(Duration.ofMillis(300));
      try (Client client = new Client(settings)) {
        LookupResult result = client.lookUp("alice");
        assertEquals(Kind.DIRECTORY_DOWN, result.kind());
        assertEquals("no connection to localhost: timed out", result.reason());
      }
      peer.join();
    }
  }

  @Test
  void certificatesThatCannotBeReadAreRefusedAtConstruction() throws Exception {
    DirectoryConfig.Server server = new DirectoryConfig.Server("localhost", 389, true);
    Path empty = Files.createFile(folder.resolve("empty.pem"));
    for (Path bad : new Path[] {empty, folder.resolve("missing.pem")}) {
      assertThrows(
          IllegalArgumentException.class,
          () -> new Client(Settings.of(server).caFile(bad)).close());
    }
  }

  private static void assertRefused(LdapServerFixture server, Client client, String why)
      throws Exception {
    LookupResult result = client.lookUp("alice");
    assertEquals(Kind.DIRECTORY_DOWN, result.kind());
    assertTrue(result.reason().startsWith(why), result.reason());
    assertEquals(0, server.binds());
    assertEquals(0, server.searches().size());
  }

  private static LdapServerFixture start(TestCertificate certificate, boolean ldaps)
      throws Exception {
    LdapServerFixture server =
        ldaps
            ? LdapServerFixture.startWithLdaps(certificate.serverContext())
            : LdapServerFixture.startWithStartTls(certificate.serverContext());
    return server.user("alice", "mailHost: h1");
  }

  private static Settings settings(LdapServerFixture server) {
    return Settings.of(server.address()).startTls();
  }
}

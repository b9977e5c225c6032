package org.openmmp.transport;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufAllocatorMetricProvider;
import io.netty.handler.ssl.JdkSslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.openmmp.config.ServerTlsConfig;
import org.openmmp.config.ServerTlsConfig.Certificate;
import org.openmmp.config.ServerTlsConfig.ClientAuth;

class ServerTlsTest {
  private static final Duration LIMIT = Duration.ofSeconds(20);
  private static final Duration SHORT = Duration.ofMillis(300);

  @TempDir Path directory;
  private TestCertificates certificates;
  private ServerTlsConfig settings;

  @BeforeEach
  void issue() throws Exception {
    certificates = TestCertificates.in(directory);
    ServerTlsConfig plain = TestCertificates.settings(certificates.server("mail.example.com"));
    settings =
        new ServerTlsConfig(
            plain.certificate(),
            List.of(
                new ServerTlsConfig.SniCertificate(
                    List.of("mail.example.net", "*.hosting.example"),
                    certificates.server("mail.example.net"))),
            plain.clientAuth(),
            plain.clientCaFile(),
            plain.clientCrlFile(),
            plain.certificateMap(),
            plain.toClients().minVersion());
  }

  private ServerTlsConfig asking(ClientAuth auth) {
    return new ServerTlsConfig(
        settings.certificate(),
        settings.sni(),
        auth,
        Optional.of(certificates.authorityFile()),
        Optional.empty(),
        settings.certificateMap(),
        settings.toClients().minVersion());
  }

  private SSLContext client(Optional<Certificate> shown) throws IOException {
    SslContextBuilder builder =
        SslContextBuilder.forClient()
            .sslProvider(SslProvider.JDK)
            .trustManager(certificates.authorityFile().toFile());
    if (shown.isPresent()) {
      builder.keyManager(shown.get().chain().toFile(), shown.get().key().toFile());
    }
    return ((JdkSslContext) builder.build()).context();
  }

  private static SSLSocket connect(SSLContext context, TlsRig rig, String name, String... alpn)
      throws IOException {
    SSLSocket socket =
        (SSLSocket)
            context.getSocketFactory().createSocket(InetAddress.getLoopbackAddress(), rig.port());
    socket.setSoTimeout(30_000);
    SSLParameters parameters = socket.getSSLParameters();
    parameters.setServerNames(List.of(new SNIHostName(name)));
    parameters.setApplicationProtocols(alpn);
    socket.setSSLParameters(parameters);
    return socket;
  }

  private static String greeting(SSLSocket socket) throws IOException {
    byte[] octets = socket.getInputStream().readNBytes(TlsRig.GREETING.length());
    return new String(octets, StandardCharsets.US_ASCII);
  }

  private static String subject(SSLSocket socket) throws IOException {
    return ((X509Certificate) socket.getSession().getPeerCertificates()[0])
        .getSubjectX500Principal()
        .getName();
  }

  private static final String[] NONE = {};

  @ParameterizedTest
  @CsvSource({
    "OPENSSL, mail.example.com, mail.example.com",
    "OPENSSL, mail.example.net, mail.example.net",
    "OPENSSL, shop.hosting.example, mail.example.net",
    "OPENSSL, SHOP.Hosting.Example, mail.example.net",
    "OPENSSL, a.shop.hosting.example, mail.example.com",
    "OPENSSL, unknown.example.org, mail.example.com",
    "JDK, mail.example.net, mail.example.net",
    "JDK, unknown.example.org, mail.example.com"
  })
  void certificateIsChosenByTheNameAskedFor(SslProvider provider, String name, String expected)
      throws Exception {
    try (TlsRig rig = new TlsRig(ServerTls.of(settings, "imap", provider), LIMIT);
        SSLSocket socket = connect(client(Optional.empty()), rig, name, NONE)) {
      assertEquals(TlsRig.GREETING, greeting(socket));
      assertEquals("CN=" + expected, subject(socket));
      assertEquals("SECURED nobody", rig.awaitHandshake());
    }
  }

  @ParameterizedTest
  @CsvSource({
    "OPENSSL, '', TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, true",
    "OPENSSL, '', TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA, false",
    "OPENSSL, TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA, TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA, true",
    "OPENSSL, TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA, TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, false",
    "JDK, '', TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA, false",
    "JDK, '', TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384, true"
  })
  void onlyTheCipherSuitesOfTheSettingsAreSpoken(
      SslProvider provider, String configured, String offered, boolean agreed) throws Exception {
    List<String> suites = configured.isEmpty() ? List.of() : List.of(configured);
    try (TlsRig rig = new TlsRig(ServerTls.of(speaking(suites), "imap", provider), LIMIT);
        SSLSocket socket = connect(client(Optional.empty()), rig, "mail.example.com", NONE)) {
      socket.setEnabledProtocols(new String[] {"TLSv1.2"});
      socket.setEnabledCipherSuites(new String[] {offered});
      if (agreed) {
        assertEquals(TlsRig.GREETING, greeting(socket));
      } else {
        assertThrows(SSLException.class, socket::startHandshake);
      }
    }
  }

  @Test
  void cipherSuiteThatIsNotToBeHadIsNamed() {
    IOException refused =
        assertThrows(
            IOException.class, () -> ServerTls.of(speaking(List.of("TLS_NULL_WITH_LUCK")), "imap"));
    assertTrue(String.valueOf(refused.getMessage()).contains("TLS_NULL_WITH_LUCK"));
  }

  private ServerTlsConfig speaking(List<String> suites) {
    return new ServerTlsConfig(
        settings.certificate(),
        settings.sni(),
        settings.clientAuth(),
        settings.clientCaFile(),
        settings.clientCrlFile(),
        settings.certificateMap(),
        new ServerTlsConfig.Profile(ServerTlsConfig.MinVersion.TLS_1_2, suites),
        ServerTlsConfig.Profile.USUAL);
  }

  // T7
  @ParameterizedTest
  @EnumSource(names = {"OPENSSL", "JDK"})
  void helloThatAsksOnlyForOtherProtocolsIsRefused(SslProvider provider) throws Exception {
    try (TlsRig rig = new TlsRig(ServerTls.of(settings, "imap", provider), LIMIT)) {
      for (String[] alpn : List.of(new String[] {"http/1.1"}, new String[] {"h2", "http/1.1"})) {
        try (SSLSocket socket = connect(client(Optional.empty()), rig, "mail.example.com", alpn)) {
          SSLException refused = assertThrows(SSLException.class, socket::startHandshake);
          assertTrue(
              String.valueOf(refused.getMessage()).contains("no_application_protocol"),
              refused::toString);
          assertEquals("HANDSHAKE", rig.awaitHandshake());
        }
      }
      try (SSLSocket socket =
          connect(client(Optional.empty()), rig, "mail.example.com", "http/1.1", "imap")) {
        assertEquals(TlsRig.GREETING, greeting(socket));
        assertEquals("imap", socket.getApplicationProtocol());
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    "OPENSSL, OPTIONAL, good, SECURED CN=alice@example.com",
    "OPENSSL, OPTIONAL, none, SECURED nobody",
    "OPENSSL, OPTIONAL, bad, BAD_SIGNATURE",
    "OPENSSL, REQUIRED, good, SECURED CN=alice@example.com",
    "OPENSSL, REQUIRED, none, HANDSHAKE",
    "OPENSSL, REQUIRED, bad, BAD_SIGNATURE",
    "JDK, OPTIONAL, good, SECURED CN=alice@example.com",
    "JDK, OPTIONAL, none, SECURED nobody",
    "JDK, REQUIRED, none, HANDSHAKE",
    "JDK, REQUIRED, bad, BAD_SIGNATURE"
  })
  void clientCertificateIsVerified(
      SslProvider provider, ClientAuth auth, String shown, String expected) throws Exception {
    Optional<Certificate> certificate =
        switch (shown) {
          case "good" -> Optional.of(certificates.client("alice@example.com"));
          case "bad" -> Optional.of(strangers().client("alice@example.com"));
          default -> Optional.empty();
        };
    try (TlsRig rig = new TlsRig(ServerTls.of(asking(auth), "imap", provider), LIMIT);
        SSLSocket socket = connect(client(certificate), rig, "mail.example.com", NONE)) {
      if (expected.startsWith("SECURED")) {
        assertEquals(TlsRig.GREETING, greeting(socket));
      } else {
        assertThrows(IOException.class, () -> greetingOrEnd(socket));
      }
      assertEquals(expected, rig.awaitHandshake());
      if (expected.startsWith("SECURED")) {
        String name = shown.equals("good") ? "alice@example.com" : "";
        assertEquals( // B3.12
            List.of(new TlsFacts("TLSv1.3", "mail.example.com", name)), List.copyOf(rig.facts));
      }
    }
  }

  /** An authority that has the same name and nothing else. */
  private TestCertificates strangers() throws Exception {
    return TestCertificates.in(Files.createDirectory(directory.resolve("strangers")));
  }

  private static void greetingOrEnd(SSLSocket socket) throws IOException {
    if (greeting(socket).isEmpty()) {
      throw new IOException("closed");
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"OPENSSL", "JDK"})
  void sessionIsResumed(SslProvider provider) throws Exception {
    SSLContext context = client(Optional.empty());
    try (TlsRig rig = new TlsRig(ServerTls.of(settings, "imap", provider), LIMIT)) {
      long created;
      try (SSLSocket first = connect(context, rig, "mail.example.com", NONE)) {
        assertEquals(TlsRig.GREETING, greeting(first));
        created = first.getSession().getCreationTime();
      }
      try (SSLSocket second = connect(context, rig, "mail.example.com", NONE)) {
        assertEquals(TlsRig.GREETING, greeting(second));
        assertEquals(created, second.getSession().getCreationTime());
      }
    }
  }

  @Test
  void keyOfAnotherCertificateIsRefusedBeforeAnythingStarts(@TempDir Path directory)
      throws Exception {
    TestCertificates authority = TestCertificates.in(directory);
    ServerTlsConfig.Certificate mine = authority.server("mmp.example.com");
    ServerTlsConfig.Certificate other = authority.server("huey.example.com");
    IOException refused =
        assertThrows(
            IOException.class,
            () ->
                ServerTls.of(
                    TestCertificates.settings(
                        new ServerTlsConfig.Certificate(
                            mine.chain(), other.key(), mine.keyPassword())),
                    "imap"));
    assertTrue(refused.toString().contains("does not belong to"), refused.toString());
  }

  // T9
  @Test
  void helloThatClaimsSixteenMebibytesReservesNothing() throws Exception {
    byte[] hello = {0x16, 3, 1, 0x40, 0, 1, (byte) 0xff, (byte) 0xff, (byte) 0xff};
    try (TlsRig rig = new TlsRig(ServerTls.of(settings, "imap"), SHORT)) {
      long before = usedDirect();
      List<Socket> held = new ArrayList<>();
      for (int i = 0; i < 200; i++) {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), rig.port());
        socket.getOutputStream().write(hello);
        held.add(socket);
      }
      for (int i = 0; i < held.size(); i++) {
        assertTrue(!rig.awaitHandshake().startsWith("SECURED"));
      }
      for (Socket socket : held) {
        socket.close();
      }
      long grown = usedDirect() - before;
      assertTrue(grown <= 8 << 20, () -> "grown by " + grown);
    }
  }

  // T10
  @ParameterizedTest
  @CsvSource({"0", "1", "9", "40"})
  void helloThatDoesNotComeWholeIsClosedInTime(int octets) throws Exception {
    try (TlsRig rig = new TlsRig(ServerTls.of(settings, "imap"), SHORT);
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), rig.port())) {
      socket.setSoTimeout(30_000);
      byte[] start = new byte[40];
      System.arraycopy(new byte[] {0x16, 3, 1, 1, 0, 1, 0, 0, (byte) 0xfc}, 0, start, 0, 9);
      for (int i = 0; i < octets; i++) {
        socket.getOutputStream().write(start[i]);
      }
      InputStream in = socket.getInputStream();
      in.readAllBytes();
      assertTrue(!rig.awaitHandshake().startsWith("SECURED"));
      try (SSLSocket other = connect(client(Optional.empty()), rig, "mail.example.com", NONE)) {
        assertEquals(TlsRig.GREETING, greeting(other));
      }
    }
  }

  private static long usedDirect() {
    return ((ByteBufAllocatorMetricProvider) ByteBufAllocator.DEFAULT).metric().usedDirectMemory();
  }
}

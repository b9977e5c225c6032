package org.openmmp.transport;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.handler.ssl.SslProvider;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.openmmp.config.ServerTlsConfig;
import org.openmmp.wire.Secret;

/** A client of the command openssl resumes its TLS session at another front end (B10.7). */
class TlsTicketsTest {
  private static final Duration LIMIT = Duration.ofSeconds(20);
  private static final Secret ONE = Secret.of("0123456789abcdef0123456789abcdef");
  private static final Secret OTHER = Secret.of("fedcba9876543210fedcba9876543210");

  @TempDir private Path folder;
  private ServerTlsConfig config;
  private int commands;

  @BeforeEach
  void certificate() throws Exception {
    config = certificate("mail");
  }

  private ServerTlsConfig certificate(String name) throws Exception {
    Path server = Files.createDirectory(folder.resolve(name));
    return TestCertificates.settings(TestCertificates.in(server).server("mail.example.com"));
  }

  private static ServerTls frontEnd(
      ServerTlsConfig config, SslProvider provider, List<Secret> secrets) throws IOException {
    ServerTls tls = ServerTls.of(config, "imap", provider);
    if (!secrets.isEmpty()) {
      tls.resumeBy(secrets);
    }
    return tls;
  }

  /** Connects there, as a client that has what an earlier one was given. */
  private String handshake(ServerTls tls, String version, String words) throws Exception {
    Path own = Files.createDirectory(folder.resolve("client" + commands++));
    CompletableFuture<String> said;
    try (TlsRig rig = new TlsRig(tls, LIMIT)) {
      said =
          CompletableFuture.supplyAsync(
              () ->
                  new OpenSsl(own)
                      .output(
                          "s_client -connect 127.0.0.1:%d -%s %s"
                              .formatted(rig.port(), version, words)));
      rig.awaitHandshake();
    }
    return said.get(30, TimeUnit.SECONDS);
  }

  private boolean resumes(ServerTls first, ServerTls second, String version) throws Exception {
    Path session = folder.resolve("session");
    Files.deleteIfExists(session);
    String said = handshake(first, version, "-sess_out " + session);
    assertTrue(said.contains("New, TLSv1"), said);
    if (!Files.exists(session)) {
      return false; // no ticket was given
    }
    String again = handshake(second, version, "-sess_in " + session);
    assertTrue(again.contains("New, TLSv1") || again.contains("Reused, TLSv1"), again);
    return again.contains("Reused, TLSv1");
  }

  private void assertResumes(boolean expected, ServerTls first, ServerTls second, String version)
      throws Exception {
    assertTrue(resumes(first, second, version) == expected, version);
  }

  @ParameterizedTest
  @ValueSource(strings = {"tls1_2", "tls1_3"})
  void clientResumesAtAnotherFrontEndWithTheSameSecrets(String version) throws Exception {
    assertResumes(
        true,
        frontEnd(config, SslProvider.OPENSSL, List.of(ONE)),
        frontEnd(config, SslProvider.OPENSSL, List.of(ONE)),
        version);
    // One that makes its tickets with a secret of its own opens those of others.
    assertResumes(
        true,
        frontEnd(config, SslProvider.OPENSSL, List.of(ONE, OTHER)),
        frontEnd(config, SslProvider.OPENSSL, List.of(OTHER, ONE)),
        version);
  }

  @ParameterizedTest
  @ValueSource(strings = {"tls1_2", "tls1_3"})
  void whoseSecretIsGoneOrAnotherShakesHandsInFull(String version) throws Exception {
    assertResumes(
        false,
        frontEnd(config, SslProvider.OPENSSL, List.of(ONE)),
        frontEnd(config, SslProvider.OPENSSL, List.of(OTHER)),
        version);
    assertResumes(
        false,
        frontEnd(config, SslProvider.OPENSSL, List.of()),
        frontEnd(config, SslProvider.OPENSSL, List.of()),
        version);
  }

  @ParameterizedTest
  @ValueSource(strings = {"tls1_2", "tls1_3"})
  void ticketOfOneCertificateOrProtocolOpensForNoOther(String version) throws Exception {
    ServerTls first = frontEnd(config, SslProvider.OPENSSL, List.of(ONE));
    assertResumes(
        false, first, frontEnd(certificate("other"), SslProvider.OPENSSL, List.of(ONE)), version);
    ServerTls pop3 = ServerTls.of(config, "pop3", SslProvider.OPENSSL);
    pop3.resumeBy(List.of(ONE));
    assertResumes(false, first, pop3, version);
  }

  @Test
  void whoIsAskedForCertificatesAndWhoHasTheJdksTlsIsServedAsBefore() throws Exception {
    ServerTlsConfig asking =
        new ServerTlsConfig(
            config.certificate(),
            config.sni(),
            ServerTlsConfig.ClientAuth.OPTIONAL,
            Optional.of(config.certificate().orElseThrow().chain()),
            Optional.empty(),
            config.certificateMap(),
            config.toClients().minVersion());
    assertResumes(
        false,
        frontEnd(asking, SslProvider.OPENSSL, List.of(ONE)),
        frontEnd(asking, SslProvider.OPENSSL, List.of(ONE)),
        "tls1_3");
    assertResumes(
        false,
        frontEnd(config, SslProvider.JDK, List.of(ONE)),
        frontEnd(config, SslProvider.JDK, List.of(ONE)),
        "tls1_3");
  }
}

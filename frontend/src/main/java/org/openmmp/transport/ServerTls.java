package org.openmmp.transport;

import io.netty.channel.Channel;
import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ApplicationProtocolConfig.Protocol;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectedListenerFailureBehavior;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectorFailureBehavior;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.OpenSslSessionContext;
import io.netty.handler.ssl.OpenSslSessionTicketKey;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslProvider;
import io.netty.util.DomainWildcardMappingBuilder;
import io.netty.util.Mapping;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import javax.net.ssl.ExtendedSSLSession;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;
import org.openmmp.config.ServerTlsConfig;
import org.openmmp.directory.CertificateField;
import org.openmmp.wire.Secret;

/**
 * TLS towards clients: certificates by the name that a client asks for, and clients' certificates.
 * But for session tickets what was read stays until it is put in another's place.
 *
 * <p>TLS 1.2 at the least; sessions are resumed; the one application protocol of the listener is
 * agreed with clients that ask for one (RFC 7301), and a client that asks only for others is turned
 * away. May be used on any thread.
 */
public final class ServerTls {
  private final String applicationProtocol;
  private final Mapping<? super String, SslContext> contexts;
  private final Map<String, Instant> shown;
  private final Map<SslContext, byte[]> resumed;
  private List<Secret> tickets = List.of();

  private ServerTls(
      String applicationProtocol,
      Mapping<? super String, SslContext> contexts,
      Map<String, Instant> shown,
      Map<SslContext, byte[]> resumed) {
    this.applicationProtocol = applicationProtocol;
    this.contexts = contexts;
    this.shown = shown;
    this.resumed = resumed;
  }

  /**
   * Reads certificates and keys; blocks.
   *
   * @param applicationProtocol as registered for ALPN: {@code imap}, {@code pop3}
   * @throws IOException if a file cannot be read or used; the message names it
   */
  public static ServerTls of(ServerTlsConfig config, String applicationProtocol)
      throws IOException {
    return of(config, applicationProtocol, StoreTls.provider());
  }

  static ServerTls of(ServerTlsConfig config, String applicationProtocol, SslProvider provider)
      throws IOException {
    Map<SslContext, byte[]> resumed = new HashMap<>();
    Mapping<? super String, SslContext> contexts =
        read(config, applicationProtocol, provider, resumed);
    boolean asks = config.clientAuth() != ServerTlsConfig.ClientAuth.NONE;
    return new ServerTls(
        applicationProtocol, contexts, endsByName(config), asks ? Map.of() : resumed);
  }

  /**
   * Has clients resume their TLS sessions by tickets from now on, also those of others that have
   * the same secrets, certificate and protocol. Where clients are asked for certificates, and by
   * the JDK's TLS, sessions are resumed as before, at this front end alone.
   *
   * @param secrets the first one is that of new tickets
   */
  public synchronized void resumeBy(List<Secret> secrets) {
    if (secrets.equals(tickets)) {
      return;
    }
    tickets = List.copyOf(secrets);
    resumed.forEach(
        (context, certificate) -> {
          if (context.sessionContext() instanceof OpenSslSessionContext sessions) {
            sessions.setTicketKeys(
                secrets.stream()
                    .map(secret -> ticketKey(secret, certificate))
                    .toArray(OpenSslSessionTicketKey[]::new));
          }
        });
  }

  /** A ticket that was made for one certificate and protocol opens for no other. */
  private OpenSslSessionTicketKey ticketKey(Secret secret, byte[] certificate) {
    byte[] octets = secret.copy();
    try {
      Mac mac = Mac.getInstance("HmacSHA512");
      mac.init(new SecretKeySpec(octets, "HmacSHA512"));
      mac.update(applicationProtocol.getBytes(StandardCharsets.US_ASCII));
      mac.update((byte) 0);
      byte[] key = mac.doFinal(certificate);
      int hmac = OpenSslSessionTicketKey.NAME_SIZE;
      int aes = hmac + OpenSslSessionTicketKey.HMAC_KEY_SIZE;
      return new OpenSslSessionTicketKey(
          Arrays.copyOf(key, hmac),
          Arrays.copyOfRange(key, hmac, aes),
          Arrays.copyOfRange(key, aes, aes + OpenSslSessionTicketKey.AES_KEY_SIZE));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java platform has HmacSHA512", e);
    } finally {
      Arrays.fill(octets, (byte) 0);
    }
  }

  /**
   * Until when the certificates serve that clients are shown, each by the first name that it is
   * for, and its file.
   */
  public Map<String, Instant> shown() {
    return shown;
  }

  private static Map<String, Instant> endsByName(ServerTlsConfig config) throws IOException {
    Map<String, Instant> ends = new TreeMap<>();
    for (Map.Entry<Path, Instant> each : ends(config).entrySet()) {
      Map<CertificateField, String> fields =
          CertificateFields.of(PemFile.read(each.getKey()).certificates().get(0));
      String subject = fields.getOrDefault(CertificateField.SUBJECT_CN, "no name");
      String name = fields.getOrDefault(CertificateField.SAN_DNS, subject);
      ends.put(name + " (" + each.getKey() + ")", each.getValue());
    }
    return Map.copyOf(ends);
  }

  /**
   * Reads certificates, keys and lists of revoked certificates and keeps none of them; blocks.
   *
   * @throws IOException as {@link #of}
   */
  public static void check(ServerTlsConfig config) throws IOException {
    if (config.certificate().isPresent()) {
      read(config, "imap", StoreTls.provider(), new HashMap<>());
    }
  }

  /**
   * Until when the certificates serve that clients are shown, each by its file: the first of its
   * chain that ends; blocks.
   *
   * @throws IOException as {@link #of}
   */
  public static Map<Path, Instant> ends(ServerTlsConfig config) throws IOException {
    Map<Path, Instant> ends = new TreeMap<>();
    for (ServerTlsConfig.Certificate each :
        Stream.concat(
                config.certificate().stream(),
                config.sni().stream().map(ServerTlsConfig.SniCertificate::certificate))
            .toList()) {
      for (X509Certificate part : PemFile.read(each.chain()).certificates()) {
        ends.merge(each.chain(), part.getNotAfter().toInstant(), (a, b) -> a.isBefore(b) ? a : b);
      }
    }
    return ends;
  }

  /**
   * Until when each authority of clients' certificates says which of them it has revoked, by the
   * authority's name: empty for one that says nothing. None at all if no authority says anything,
   * for then none has to. Blocks.
   *
   * @throws IOException as {@link #of}
   */
  public static Map<String, Optional<Instant>> revocationEnds(ServerTlsConfig config)
      throws IOException {
    return config.clientCaFile().isEmpty()
        ? Map.of()
        : ClientTrust.read(config.clientCaFile().get(), config.clientCrlFile()).ends();
  }

  private static Mapping<? super String, SslContext> read(
      ServerTlsConfig config,
      String applicationProtocol,
      SslProvider provider,
      Map<SslContext, byte[]> resumed)
      throws IOException {
    ServerTlsConfig.Certificate first =
        config
            .certificate()
            .orElseThrow(() -> new IOException("TLS needs a certificate, and none is configured"));
    DomainWildcardMappingBuilder<SslContext> byName =
        new DomainWildcardMappingBuilder<>(
            context(first, config, applicationProtocol, provider, resumed));
    for (ServerTlsConfig.SniCertificate further : config.sni()) {
      SslContext context =
          context(further.certificate(), config, applicationProtocol, provider, resumed);
      further.names().forEach(name -> byName.add(name, context));
    }
    return byName.build();
  }

  private static SslContext context(
      ServerTlsConfig.Certificate certificate,
      ServerTlsConfig config,
      String applicationProtocol,
      SslProvider provider,
      Map<SslContext, byte[]> resumed)
      throws IOException {
    ServerKey pair = ServerKey.read(certificate);
    List<String> suites = CipherSuites.of(config.toClients(), provider);
    try {
      SslContextBuilder builder =
          SslContextBuilder.forServer(pair.key(), pair.chain())
              .sslProvider(provider)
              .protocols(CipherSuites.versions(config.toClients()))
              .ciphers(suites)
              .clientAuth(clientAuth(config.clientAuth()))
              .applicationProtocolConfig(
                  new ApplicationProtocolConfig(
                      Protocol.ALPN,
                      SelectorFailureBehavior.NO_ADVERTISE,
                      SelectedListenerFailureBehavior.ACCEPT,
                      applicationProtocol));
      if (config.clientCaFile().isPresent()) {
        builder.trustManager(
            TruthfulAlerts.of(
                ClientTrust.read(config.clientCaFile().get(), config.clientCrlFile()).factory()));
      }
      SslContext context = builder.build();
      resumed.put(context, pair.chain().get(0).getEncoded());
      return context;
    } catch (IllegalArgumentException | SSLException | CertificateEncodingException e) {
      throw new IOException(
          "cannot use the certificate "
              + certificate.chain()
              + " with "
              + certificate.key()
              + ": "
              + e.getMessage(),
          e);
    }
  }

  private static ClientAuth clientAuth(ServerTlsConfig.ClientAuth wanted) {
    return switch (wanted) {
      case NONE -> ClientAuth.NONE;
      case OPTIONAL -> ClientAuth.OPTIONAL;
      case REQUIRED -> ClientAuth.REQUIRE;
    };
  }

  /** A handler that awaits one client's hello and then hands over to TLS. */
  ClientHelloHandler helloHandler(Duration limit) {
    return new ClientHelloHandler(contexts, applicationProtocol, limit);
  }

  /** What is known of the TLS of a client's connection; null if it is not under TLS. */
  public static @Nullable TlsFacts facts(Channel client) {
    SslHandler handler = client.pipeline().get(SslHandler.class);
    if (handler == null) {
      return null;
    }
    SSLSession session = handler.engine().getSession();
    return new TlsFacts(
        session.getProtocol(),
        serverName(session),
        clientCertificate(client)
            .map(shown -> CertificateFields.of(shown).get(CertificateField.SUBJECT_CN))
            .orElse(""));
  }

  private static String serverName(SSLSession session) {
    return session instanceof ExtendedSSLSession extended
        ? extended.getRequestedServerNames().stream()
            .filter(SNIHostName.class::isInstance)
            .map(name -> ((SNIHostName) name).getAsciiName())
            .findFirst()
            .orElse("")
        : "";
  }

  /** The verified certificate of a client whose connection is under TLS; empty if it has none. */
  public static Optional<X509Certificate> clientCertificate(Channel client) {
    SslHandler handler = client.pipeline().get(SslHandler.class);
    if (handler == null) {
      return Optional.empty();
    }
    try {
      return handler.engine().getSession().getPeerCertificates()[0] instanceof X509Certificate shown
          ? Optional.of(shown)
          : Optional.empty();
    } catch (SSLPeerUnverifiedException e) {
      return Optional.empty();
    }
  }
}

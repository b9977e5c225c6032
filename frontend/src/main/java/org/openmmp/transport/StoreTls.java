package org.openmmp.transport;

import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.handler.ssl.OpenSsl;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslProvider;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import java.io.IOException;
import java.net.IDN;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLPeerUnverifiedException;
import org.jspecify.annotations.Nullable;
import org.openmmp.config.ServerTlsConfig;
import org.openmmp.routing.StoreAccess;
import org.openmmp.routing.TlsPolicy;
import org.openmmp.text.AddressLiteral;

/**
 * TLS towards stores: whom to believe, and by which name (rule B3.7).
 *
 * <p>Under a policy that requires TLS the certificate's chain and its name are verified; under
 * {@link TlsPolicy#OPPORTUNISTIC} neither is. Immutable; may be used on any thread.
 */
public final class StoreTls {
  private final SslContext verified;
  private final SslContext unverified;
  private final String certificateName;

  private StoreTls(SslContext verified, SslContext unverified, String certificateName) {
    this.verified = verified;
    this.unverified = unverified;
    this.certificateName = certificateName;
  }

  /**
   * Reads the trusted certificates.
   *
   * @param profile versions and cipher suites
   * @throws IOException if the file of a group's authorities cannot be read or used; the message
   *     names it
   */
  public static StoreTls of(StoreAccess.Trust whom, ServerTlsConfig.Profile profile)
      throws IOException {
    return of(whom.caFile(), whom.certificateName(), profile, provider());
  }

  static StoreTls of(Optional<Path> caFile) throws IOException {
    return of(caFile, "", provider());
  }

  static StoreTls of(Optional<Path> caFile, String certificateName, SslProvider provider)
      throws IOException {
    return of(caFile, certificateName, ServerTlsConfig.Profile.USUAL, provider);
  }

  private static StoreTls of(
      Optional<Path> caFile,
      String certificateName,
      ServerTlsConfig.Profile profile,
      SslProvider provider)
      throws IOException {
    try {
      return new StoreTls(
          // The names are compared by StoreCertificates, and by nobody else.
          builder(profile, provider)
              .endpointIdentificationAlgorithm("")
              .trustManager(StoreCertificates.of(caFile))
              .build(),
          builder(profile, provider)
              .endpointIdentificationAlgorithm("")
              .trustManager(InsecureTrustManagerFactory.INSTANCE)
              .build(),
          certificateName);
    } catch (IllegalArgumentException | GeneralSecurityException | IOException e) {
      throw new IOException(
          "cannot use the trusted certificates of " + caFile.map(Path::toString).orElse("Java"), e);
    }
  }

  private static SslContextBuilder builder(ServerTlsConfig.Profile profile, SslProvider provider)
      throws IOException {
    return SslContextBuilder.forClient()
        .sslProvider(provider)
        .protocols(CipherSuites.versions(profile))
        .ciphers(CipherSuites.of(profile, provider));
  }

  /** BoringSSL where its library works, else the JDK's. */
  static SslProvider provider() {
    return OpenSsl.isAvailable() ? SslProvider.OPENSSL : SslProvider.JDK;
  }

  /**
   * A handler for one connection.
   *
   * @param host the name that is asked for and, under a policy that requires TLS, verified, unless
   *     the configuration says that the certificate carries another
   */
  SslHandler handler(ByteBufAllocator allocator, String host, int port, TlsPolicy policy) {
    String name = nameAt(host);
    SslHandler handler =
        (policy.required() ? verified : unverified).newHandler(allocator, name, port);
    SNIHostName asked = serverName(name);
    if (asked != null) {
      SSLParameters parameters = handler.engine().getSSLParameters();
      parameters.setServerNames(List.of(asked));
      handler.engine().setSSLParameters(parameters);
    }
    return handler;
  }

  private String nameAt(String host) {
    return certificateName.isEmpty() ? host : certificateName;
  }

  /**
   * What is known of the certificate that a store showed, in words that those of one group should
   * have in common (rule B2.39); none without TLS.
   */
  List<String> certificateOf(Channel store, String host) {
    SslHandler handler = store.pipeline().get(SslHandler.class);
    try {
      return handler != null
              && handler.engine().getSession().getPeerCertificates()[0]
                  instanceof X509Certificate shown
          ? StoreCertificates.inWords(shown, nameAt(host), Instant.now())
          : List.of();
    } catch (SSLPeerUnverifiedException none) {
      return List.of();
    }
  }

  /**
   * The name for a server name indication (RFC 6066 section 3); null for an address, and for what
   * is no name there, whose store then shows what it shows to anybody.
   */
  private static @Nullable SNIHostName serverName(String name) {
    if (AddressLiteral.parse(name) != null) {
      return null;
    }
    String bare = name.endsWith(".") ? name.substring(0, name.length() - 1) : name;
    try {
      // Made of octets it may hold an underscore, which stores' names have.
      return new SNIHostName(IDN.toASCII(bare).getBytes(StandardCharsets.US_ASCII));
    } catch (IllegalArgumentException noName) {
      return null;
    }
  }
}

package org.openmmp.transport;

import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.ssl.OpenSsl;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslProvider;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLParameters;
import org.openmmp.config.GroupConfig;
import org.openmmp.config.TlsPolicy;

/**
 * TLS towards stores: whom to believe, and by which name (rule B3.7).
 *
 * <p>Under a policy that requires TLS the certificate's chain and its name are verified; under
 * {@link TlsPolicy#OPPORTUNISTIC} neither is. Immutable; may be used on any thread.
 */
public final class StoreTls {
  private static final String[] VERSIONS = {"TLSv1.3", "TLSv1.2"};

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
   * @throws IOException if the file of a group's authorities cannot be read or used; the message
   *     names it
   */
  public static StoreTls of(GroupConfig.StoreTls config) throws IOException {
    return of(config.caFile(), config.certificateName(), provider());
  }

  static StoreTls of(Optional<Path> caFile, String certificateName, SslProvider provider)
      throws IOException {
    SslContextBuilder builder = builder(provider).endpointIdentificationAlgorithm("HTTPS");
    try {
      if (caFile.isPresent()) {
        builder.trustManager(caFile.get().toFile());
      }
      return new StoreTls(
          builder.build(),
          builder(provider)
              .endpointIdentificationAlgorithm("")
              .trustManager(InsecureTrustManagerFactory.INSTANCE)
              .build(),
          certificateName);
    } catch (IllegalArgumentException | IOException e) {
      throw new IOException(
          "cannot use the trusted certificates of " + caFile.map(Path::toString).orElse("Java"), e);
    }
  }

  private static SslContextBuilder builder(SslProvider provider) {
    return SslContextBuilder.forClient().sslProvider(provider).protocols(VERSIONS);
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
    String name = certificateName.isEmpty() ? host : certificateName;
    SslHandler handler =
        (policy.required() ? verified : unverified).newHandler(allocator, name, port);
    if (mayBeAskedFor(name)) {
      SSLParameters parameters = handler.engine().getSSLParameters();
      parameters.setServerNames(List.of(new SNIHostName(name)));
      handler.engine().setSSLParameters(parameters);
    }
    return handler;
  }

  /** Whether a name may stand in a server name indication: no address literal (RFC 6066, 3). */
  private static boolean mayBeAskedFor(String name) {
    return !io.netty.util.NetUtil.isValidIpV4Address(name)
        && !io.netty.util.NetUtil.isValidIpV6Address(name);
  }
}

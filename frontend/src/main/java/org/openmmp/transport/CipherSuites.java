package org.openmmp.transport;

import io.netty.handler.ssl.OpenSsl;
import io.netty.handler.ssl.SslProvider;
import java.io.IOException;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import javax.net.ssl.SSLContext;
import org.openmmp.config.ServerTlsConfig;

/** Which versions and cipher suites are spoken. */
final class CipherSuites {
  private static final List<String> OF_TLS_1_3 =
      List.of("TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256");

  /** Of TLS 1.2 those with forward secrecy and authenticated encryption (RFC 9325). */
  private static final List<String> USUAL =
      List.of(
          "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
          "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
          "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
          "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
          "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
          "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256");

  private CipherSuites() {}

  /**
   * What is spoken, the preferred first.
   *
   * @throws IOException if a configured one is not to be had here; the message names it
   */
  static List<String> of(ServerTlsConfig.Profile profile, SslProvider provider) throws IOException {
    Set<String> known = known(provider);
    for (String wanted : profile.cipherSuites()) {
      if (!known.contains(wanted) && !OF_TLS_1_3.contains(wanted)) {
        throw new IOException("the cipher suite " + wanted + " is not to be had here");
      }
    }
    List<String> spoken = new ArrayList<>(OF_TLS_1_3);
    for (String each : profile.cipherSuites().isEmpty() ? USUAL : profile.cipherSuites()) {
      if (known.contains(each) && !spoken.contains(each)) {
        spoken.add(each);
      }
    }
    return spoken;
  }

  /** The versions that are spoken. */
  static String[] versions(ServerTlsConfig.Profile profile) {
    return switch (profile.minVersion()) {
      case TLS_1_2 -> new String[] {"TLSv1.3", "TLSv1.2"};
      case TLS_1_3 -> new String[] {"TLSv1.3"};
    };
  }

  private static Set<String> known(SslProvider provider) throws IOException {
    if (provider != SslProvider.JDK) {
      return OpenSsl.availableJavaCipherSuites();
    }
    try {
      return Set.of(SSLContext.getDefault().getSupportedSSLParameters().getCipherSuites());
    } catch (NoSuchAlgorithmException e) {
      throw new IOException("Java has no TLS", e);
    }
  }
}

package org.openmmp.it.sim;

import java.security.cert.X509Certificate;
import javax.net.ssl.X509TrustManager;

/** Believes every certificate: for a client that only looks at it. */
final class AnyCertificate implements X509TrustManager {
  @Override
  public void checkClientTrusted(X509Certificate[] chain, String kind) {}

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String kind) {}

  @Override
  public X509Certificate[] getAcceptedIssuers() {
    return new X509Certificate[0];
  }
}

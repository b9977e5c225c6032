package org.openmmp.directory.ldap;

import com.unboundid.ldap.sdk.LDAPException;
import com.unboundid.ldap.sdk.ResultCode;
import com.unboundid.util.ssl.HostNameSSLSocketVerifier;
import com.unboundid.util.ssl.SSLSocketVerifier;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSocket;

/**
 * Verifies what the trust store alone does not: that the certificate has the server's name, and
 * that it is valid today even where it is itself a trusted one (the JDK asks no dates of those).
 */
final class PeerVerifier extends SSLSocketVerifier {
  private final HostNameSSLSocketVerifier names = new HostNameSSLSocketVerifier(true);

  @Override
  public void verifySSLSocket(String host, int port, SSLSocket socket) throws LDAPException {
    names.verifySSLSocket(host, port, socket);
    try {
      for (Certificate certificate : socket.getSession().getPeerCertificates()) {
        ((X509Certificate) certificate).checkValidity();
      }
    } catch (CertificateException | SSLPeerUnverifiedException e) {
      throw new LDAPException(
          ResultCode.CONNECT_ERROR, "the server's certificate is not valid: " + e.getMessage(), e);
    }
  }
}

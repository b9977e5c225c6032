package org.openmmp.directory.ldap;

import com.unboundid.ldap.sdk.LDAPException;
import com.unboundid.ldap.sdk.ResultCode;
import com.unboundid.util.ssl.HostNameSSLSocketVerifier;
import com.unboundid.util.ssl.SSLSocketVerifier;
import java.io.IOException;
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
    try {
      // A session asked for without it would hide why the handshake failed.
      socket.startHandshake();
      names.verifySSLSocket(host, port, socket);
    } catch (IOException e) {
      throw unverified(e);
    } catch (LDAPException otherName) {
      throw unverified(new CertificateException("host name does not match"));
    }
    try {
      for (Certificate certificate : socket.getSession().getPeerCertificates()) {
        ((X509Certificate) certificate).checkValidity();
      }
    } catch (CertificateException | SSLPeerUnverifiedException e) {
      throw unverified(e);
    }
  }

  private static LDAPException unverified(Exception why) {
    return new LDAPException(ResultCode.CONNECT_ERROR, why.getMessage(), why);
  }
}

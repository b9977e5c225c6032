package org.openmmp.directory.ldap;

import com.unboundid.ldap.sdk.LDAPBindException;
import com.unboundid.ldap.sdk.LDAPException;
import com.unboundid.ldap.sdk.LDAPExtendedOperationException;
import com.unboundid.ldap.sdk.ResultCode;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.security.GeneralSecurityException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A failure whose message alone says what went wrong, in the words of whoever has to mend it. The
 * library says that in a sentence around a sentence around the cause; what an operator can mend is
 * the innermost.
 */
final class ExplainedException extends LDAPException {
  private static final long serialVersionUID = 1;
  private static final int DEEPEST_CAUSE = 12;

  ExplainedException(ResultCode code, String words) {
    super(code, words);
  }

  ExplainedException(ResultCode code, String words, LDAPException cause) {
    super(code, words, cause);
  }

  /**
   * Explains why there is no connection; whatever the reason, our own bind being refused included,
   * that server is out of service.
   *
   * @param host the server's name, as it is configured
   * @param bindDn whom these connections are bound as; empty: nobody
   */
  static ExplainedException ofConnect(String host, String bindDn, LDAPException thrown) {
    String words = words(host, bindDn, thrown);
    // What this machine lacks is not that server's fault.
    boolean ours = words.contains("Too many open files") || words.contains("too many open files");
    ResultCode code = ours ? ResultCode.LOCAL_ERROR : ResultCode.CONNECT_ERROR;
    return new ExplainedException(code, words, thrown);
  }

  private static String words(String host, String bindDn, LDAPException thrown) {
    List<Throwable> causes = causes(thrown);
    for (Throwable cause : causes) {
      if (cause instanceof LDAPBindException bind) {
        return "the bind DN " + bindDn + " was refused: " + bind.getResultCode().getName();
      }
      if (cause instanceof LDAPExtendedOperationException startTls) {
        return host + " refused StartTLS: " + startTls.getResultCode().getName();
      }
    }
    Throwable innermost = causes.get(causes.size() - 1);
    return causes.stream().anyMatch(GeneralSecurityException.class::isInstance)
        ? "the certificate of " + host + " is not trusted: " + message(innermost)
        : "no connection to " + host + ": " + message(innermost);
  }

  private static List<Throwable> causes(Throwable thrown) {
    List<Throwable> causes = new ArrayList<>();
    @Nullable Throwable cause = thrown;
    while (cause != null && causes.size() < DEEPEST_CAUSE) {
      causes.add(cause);
      cause = cause.getCause();
    }
    return causes;
  }

  private static String message(Throwable innermost) {
    if (isTimeout(innermost)) {
      return "timed out";
    }
    if (innermost instanceof UnknownHostException) {
      return "its name does not resolve";
    }
    if (innermost instanceof CertificateExpiredException) {
      return "expired, " + innermost.getMessage();
    }
    if (innermost instanceof CertificateNotYetValidException) {
      return "not valid yet, " + innermost.getMessage();
    }
    String message = innermost.getMessage();
    if (message == null || message.isBlank()) {
      return innermost.getClass().getSimpleName();
    }
    boolean beginsASentence = message.length() > 1 && Character.isLowerCase(message.charAt(1));
    return beginsASentence
        ? message.substring(0, 1).toLowerCase(Locale.ROOT) + message.substring(1)
        : message;
  }

  private static boolean isTimeout(Throwable innermost) {
    if (innermost instanceof LDAPException ldap) {
      return ldap.getResultCode().equals(ResultCode.TIMEOUT);
    }
    // The library closes the socket when the time of the thread that connects is over; what that
    // hears is "Socket closed", "Socket is closed", or "Socket has been closed or broken".
    String message = String.valueOf(innermost.getMessage());
    boolean closedHere =
        innermost instanceof SocketException
            && message.startsWith("Socket")
            && message.contains("closed");
    return closedHere || innermost instanceof SocketTimeoutException;
  }
}

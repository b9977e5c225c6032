package org.openmmp.directory.ldap;

import com.unboundid.ldap.sdk.LDAPException;
import com.unboundid.ldap.sdk.ResultCode;

/** A failure whose message alone says what went wrong, in the words of whoever has to mend it. */
final class ExplainedException extends LDAPException {
  private static final long serialVersionUID = 1;

  ExplainedException(ResultCode code, String words) {
    super(code, words);
  }

  ExplainedException(ResultCode code, String words, LDAPException cause) {
    super(code, words, cause);
  }
}

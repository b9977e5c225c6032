package org.openmmp.directory.ldap;

import com.unboundid.ldap.sdk.LDAPException;
import com.unboundid.ldap.sdk.PasswordProvider;
import com.unboundid.ldap.sdk.ResultCode;
import java.util.function.Supplier;
import org.openmmp.wire.Secret;

/**
 * The password that our own connections are bound with, as it stands in its file when a connection
 * is made: one that was changed there is good for the next bind.
 */
final class BindPassword extends PasswordProvider {
  private static final long serialVersionUID = 1;

  private final transient Supplier<Secret> current;

  BindPassword(Supplier<Secret> current) {
    this.current = current;
  }

  /** The library overwrites it once it is sent. */
  @Override
  public byte[] getPasswordBytes() throws LDAPException {
    Secret password = current.get();
    if (password.isEmpty()) {
      // RFC 4513 section 5.1.2: that would be taken for an anonymous bind.
      throw new LDAPException(ResultCode.PARAM_ERROR, "there is no bind password");
    }
    return password.copy();
  }
}

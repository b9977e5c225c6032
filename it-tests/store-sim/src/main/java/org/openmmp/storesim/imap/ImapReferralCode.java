package org.openmmp.storesim.imap;

import java.nio.charset.StandardCharsets;
import org.openmmp.storesim.StoreNode;

/** The URL of a login referral (RFC 2221 section 5, RFC 5092 section 6). */
final class ImapReferralCode {
  private static final String UNRESERVED =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";

  private ImapReferralCode() {}

  /** The URL to a target for a user; without a user if that is empty. */
  static String url(StoreNode.Target target, String user) {
    if (!target.verbatim().isEmpty()) {
      return target.verbatim();
    }
    String server = target.host() + (target.port() == 0 ? "" : ":" + target.port());
    return "imap://" + (user.isEmpty() ? "" : encode(user) + ";AUTH=*@") + server + "/";
  }

  private static String encode(String user) {
    StringBuilder encoded = new StringBuilder();
    for (byte octet : user.getBytes(StandardCharsets.UTF_8)) {
      if (UNRESERVED.indexOf(octet) >= 0) {
        encoded.append((char) octet);
      } else {
        encoded.append(String.format("%%%02X", octet & 0xff));
      }
    }
    return encoded.toString();
  }
}

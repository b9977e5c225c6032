package org.openmmp.storesim;

import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.openmmp.wire.Secret;

/** Who may log in at the stores, and as whom; names are compared without case. */
public final class Accounts {
  private static final String TOKEN_PREFIX = "token-of-";

  private final Map<String, Secret> passwords = new ConcurrentHashMap<>();
  private final Map<String, Secret> admins = new ConcurrentHashMap<>();

  /** Adds a user or changes the password. */
  public Accounts user(String name, String password) {
    passwords.put(fold(name), secret(password));
    return this;
  }

  /** Adds an administrator, who may log in as any user (rule B3.13). */
  public Accounts admin(String name, String password) {
    admins.put(fold(name), secret(password));
    return this;
  }

  /** The one token that is good for a user, in OAUTHBEARER and XOAUTH2. */
  public static String tokenOf(String name) {
    return TOKEN_PREFIX + fold(name);
  }

  /** Whether there is such a user. */
  public boolean has(String name) {
    return passwords.containsKey(fold(name));
  }

  /** Whether the password is the user's. */
  public boolean accepts(String name, Secret password) {
    return matches(passwords.get(fold(name)), password);
  }

  /** Whether the password is that administrator's, and the user exists. */
  public boolean acceptsAdmin(String admin, Secret password, String user) {
    return has(user) && matches(admins.get(fold(admin)), password);
  }

  /** Whether the token is the user's. */
  public boolean acceptsToken(String name, Secret token) {
    return has(name) && token.equals(secret(tokenOf(name)));
  }

  /** The form in which names are compared. */
  public static String fold(String name) {
    return name.toLowerCase(Locale.ROOT);
  }

  private static boolean matches(@Nullable Secret known, Secret given) {
    return known != null && known.equals(given);
  }

  private static Secret secret(String text) {
    return Secret.taking(text.getBytes(StandardCharsets.UTF_8));
  }
}

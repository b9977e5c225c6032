package org.openmmp.config;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.openmmp.wire.Secret;

/**
 * The administrator's HTTP listener and socket: {@code openmmp.admin}.
 *
 * @param listen where; empty: there is none
 * @param socket the Unix domain socket, absolute; empty: there is none
 * @param token what a caller must show as a bearer token to look; empty: callers on the loopback
 *     interface need none to look
 * @param tokens further ones, each with a name of its own
 * @param hostNames further names that a request's {@code Host} may carry, in lower case; loopback
 *     names, address literals and {@link OpenMmpConfig#hostname} always may
 * @param metricsGroups up to how many groups {@code /metrics} has series of each
 */
public record AdminConfig(
    Optional<ListenAddress> listen,
    Optional<Path> socket,
    Secret token,
    List<Token> tokens,
    List<String> hostNames,
    int metricsGroups) {
  /** The socket of the first front end of a machine. */
  public static final Path USUAL_SOCKET = Path.of("/run/openmmp/admin.sock");

  /** What the holder of a token may do. */
  public enum Role {
    /** Ask for every page that tells something. */
    LOOK,
    /** Look, and act. */
    ACT
  }

  /**
   * A bearer token.
   *
   * @param name for the log
   */
  public record Token(String name, Role role, Secret secret) {}

  /** Copies the lists. */
  public AdminConfig {
    tokens = List.copyOf(tokens);
    hostNames = List.copyOf(hostNames);
  }

  /** All that can be shown. */
  public List<Token> allTokens() {
    List<Token> all = new ArrayList<>(tokens);
    if (!token.isEmpty()) {
      all.add(new Token("token", Role.LOOK, token));
    }
    all.removeIf(each -> each.secret().isEmpty());
    return all;
  }
}

package org.openmmp.it.sim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Function;
import org.openmmp.it.fixture.Endpoint;
import org.openmmp.it.fixture.ImapConnection;
import org.openmmp.it.fixture.MailConnection;
import org.openmmp.it.fixture.MailProtocol;
import org.openmmp.it.fixture.MailUser;
import org.openmmp.it.fixture.Pop3Connection;
import org.openmmp.program.Program;

/** The clients of a site, each login of which is answered once and without a referral. */
final class SiteClients {
  private final Program proxy;
  private final MailProtocol usual;
  private final Path authority;

  /**
   * Clients of a proxy.
   *
   * @param usual what they speak where a test leaves it to the site
   * @param authority what its certificate is verified with
   */
  SiteClients(Program proxy, MailProtocol usual, Path authority) {
    this.proxy = proxy;
    this.usual = usual;
    this.authority = authority;
  }

  Endpoint endpoint(MailProtocol spoken, Endpoint.Security security) {
    String label = spoken.service() + (security == Endpoint.Security.TLS ? "s" : "");
    String host = security == Endpoint.Security.PLAIN ? "127.0.0.1" : "localhost";
    int port = proxy.addresses(label).get(0).getPort();
    return new Endpoint(spoken, host, port, security, authority);
  }

  /** A connection of the usual protocol. */
  MailConnection open(Endpoint.Security security) {
    return usual.connect(endpoint(usual, security));
  }

  /** A POP3 connection in the clear. */
  Pop3Connection pop3() {
    return new Pop3Connection(endpoint(MailProtocol.POP3, Endpoint.Security.PLAIN));
  }

  /** Logs in by IMAP on a connection of its own and leaves. */
  ImapConnection.Response login(MailUser user) {
    try (ImapConnection client =
        new ImapConnection(endpoint(MailProtocol.IMAP, Endpoint.Security.PLAIN))) {
      return login(client, user);
    }
  }

  /** Logs in by IMAP. */
  static ImapConnection.Response login(ImapConnection client, MailUser user) {
    ImapConnection.Response answer = client.login(user);
    assertFalse(
        (answer.untagged() + answer.tagged()).contains("[REFERRAL"), () -> "seen: " + answer);
    assertEquals(List.of(), client.command("NOOP").untagged());
    return answer;
  }

  /** Logs in by POP3; the answer. */
  static String login(Pop3Connection client, MailUser user) {
    String answer = client.answerToLogin(user);
    assertFalse(answer.toUpperCase(Locale.ROOT).contains("REFER"), () -> "seen: " + answer);
    assertTrue(client.command("NOOP").startsWith("+OK"), "one answer to one login");
    return answer;
  }

  /** The answer to a login in the usual protocol on a connection of its own. */
  String answer(MailUser user) {
    return answer(usual, user);
  }

  /** The same in any protocol. */
  String answer(MailProtocol spoken, MailUser user) {
    if (spoken == MailProtocol.IMAP) {
      return login(user).tagged();
    }
    try (Pop3Connection client = pop3()) {
      return login(client, user);
    }
  }

  /** The answers to all of them at once. */
  List<String> answersAtOnce(List<MailUser> users) {
    return atOnce(users, this::answer);
  }

  /** What is made of each of them at once, on a thread for each. */
  static <T> List<T> atOnce(List<MailUser> users, Function<MailUser, T> login) {
    ExecutorService threads = Executors.newFixedThreadPool(users.size());
    try {
      List<CompletableFuture<T>> logins =
          users.stream()
              .map(user -> CompletableFuture.supplyAsync(() -> login.apply(user), threads))
              .toList();
      return logins.stream().map(CompletableFuture::join).toList();
    } finally {
      threads.shutdownNow();
    }
  }
}

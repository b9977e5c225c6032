package org.openmmp.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.openmmp.it.fixture.Await;
import org.openmmp.it.fixture.Dovecot;
import org.openmmp.it.fixture.Endpoint;
import org.openmmp.it.fixture.MailSite;
import org.openmmp.it.fixture.MailUser;
import org.openmmp.it.fixture.ProxyProcess;
import org.openmmp.it.fixture.Traffic;

/** A Dovecot that holds back the logins of an address from which wrong passwords came. */
@Tag("real-servers")
final class AuthenticationPenaltyTest {
  private static final int GUESSERS = 8;

  /** As many that each guesser's address, or the front end's, is distrusted in earnest. */
  private static final int GUESSES = 3 * GUESSERS;

  private static final MailUser PROVEN = MailUser.of("proven");
  private static final MailUser UNPROVEN = MailUser.of("unproven");
  private static final List<MailUser> VICTIMS =
      IntStream.range(0, GUESSERS).mapToObj(number -> MailUser.of("victim" + number)).toList();
  private static final Pattern FAILURE = Pattern.compile("auth failed, .* rip=([^, ]+)");

  private static MailSite site;
  private static int stores;

  @BeforeAll
  static void start() {
    List<MailUser> users = new ArrayList<>(VICTIMS);
    users.addAll(List.of(PROVEN, UNPROVEN));
    site = new MailSite(AuthenticationPenaltyTest.class, users);
  }

  @AfterAll
  static void stop() {
    site.close();
  }

  // B2.5, B2.6, B3.12
  @ParameterizedTest
  @ValueSource(strings = {"127.0.0.0/8", ""})
  void guessersBesideThemCostGoodUsersNeitherTheirLoginNorTheirMaster(String trusted) {
    String name = "stock" + ++stores + ".example.com";
    String settings = "auth_failure_delay = 2 secs\nlogin_trusted_networks = " + trusted + "\n";
    try (Dovecot store =
        site.startStore(
            name, site.addressFor(name), site.authority().issue(name), List.of(), settings)) {
      site.withProxy(
          MailSite.hosts(name, MailSite.DEWEY),
          proxy -> {
            proxy.assertServes(PROVEN);
            Traffic traffic = site.traffic();
            besideGuessers(proxy, store);
            traffic.awaitNone(site.dewey());
            assertEquals(name, proxy.admin().master(MailSite.GROUP));
            assertNotEquals("cooling", proxy.admin().host(MailSite.GROUP, name).state());
          });
      List<String> blamed =
          FAILURE.matcher(store.log()).results().map(found -> found.group(1)).distinct().toList();
      assertFalse(blamed.isEmpty(), store::log);
      assertEquals(trusted.isEmpty(), blamed.contains("127.0.0.1"), blamed::toString);
    }
  }

  private static void besideGuessers(ProxyProcess proxy, Dovecot store) {
    AtomicBoolean enough = new AtomicBoolean();
    ExecutorService threads = Executors.newFixedThreadPool(GUESSERS + 2);
    try {
      List<CompletableFuture<Void>> all = new ArrayList<>();
      for (int i = 0; i < GUESSERS; i++) {
        int number = i;
        all.add(
            CompletableFuture.runAsync(
                () -> {
                  while (!enough.get()) {
                    guess(proxy, number);
                  }
                },
                threads));
      }
      Await.until(
          () -> GUESSES + " guesses are refused\n" + store.log(),
          Duration.ofMinutes(2),
          () -> FAILURE.matcher(store.log()).results().count() >= GUESSES);
      for (MailUser user : List.of(PROVEN, UNPROVEN)) {
        all.add(CompletableFuture.runAsync(() -> proxy.assertServes(user), threads));
      }
      CompletableFuture.allOf(all.get(GUESSERS), all.get(GUESSERS + 1))
          .orTimeout(90, TimeUnit.SECONDS)
          .join();
      enough.set(true);
      CompletableFuture.allOf(all.toArray(new CompletableFuture<?>[0]))
          .orTimeout(90, TimeUnit.SECONDS)
          .join();
    } finally {
      enough.set(true);
      threads.shutdownNow();
    }
  }

  /** A wrong password from an address of the guesser's own. */
  private static void guess(ProxyProcess proxy, int number) {
    try (Socket socket = new Socket()) {
      socket.bind(new InetSocketAddress(InetAddress.getByName("127.0.0." + (101 + number)), 0));
      socket.connect(
          new InetSocketAddress(
              InetAddress.getLoopbackAddress(), proxy.imap(Endpoint.Security.PLAIN).port()));
      socket.setSoTimeout(60_000);
      socket
          .getOutputStream()
          .write(
              ("g LOGIN " + VICTIMS.get(number).login() + " " + MailUser.WRONG_PASSWORD + "\r\n")
                  .getBytes(StandardCharsets.ISO_8859_1));
      BufferedReader answers =
          new BufferedReader(
              new InputStreamReader(socket.getInputStream(), StandardCharsets.ISO_8859_1));
      String line = answers.readLine();
      while (line != null && !line.startsWith("g ")) {
        line = answers.readLine();
      }
      assertFalse(line != null && line.startsWith("g OK"), line);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}

package org.openmmp.it.sim;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.openmmp.it.fixture.DeliveryConnection;
import org.openmmp.it.fixture.LogWatch;
import org.openmmp.it.fixture.MailUser;
import org.openmmp.program.Main;
import org.openmmp.program.Program;
import org.openmmp.storesim.Accounts;
import org.openmmp.storesim.ClusterSettings;
import org.openmmp.storesim.DirectoryUser;
import org.openmmp.storesim.EmbeddedDirectory;
import org.openmmp.storesim.StoreCluster;
import org.openmmp.storesim.imap.ImapEndpoint;
import org.openmmp.storesim.lmtp.LmtpEndpoint;
import org.openmmp.storesim.lmtp.LmtpScript;
import org.openmmp.storesim.lmtp.LmtpTranscript;
import org.openmmp.storesim.session.NodeTls;

/**
 * A relay in this process and two groups behind it: cluster1 of huey, dewey and louie, cluster2 of
 * donald and daisy, the first of each being master. Its end judges the log.
 */
final class RelaySite implements AutoCloseable {
  private final LogCapture log = new LogCapture();
  private final List<String> expected = new ArrayList<>();
  private final Accounts accounts = new Accounts();
  private final EmbeddedDirectory directory = EmbeddedDirectory.start();
  private final LmtpEndpoint lmtp = new LmtpEndpoint(NodeTls.none());
  private final List<StoreCluster> clusters = new ArrayList<>();
  private final Path files;
  private final Program relay;

  /** Starts it with settings below {@code openmmp}; there is failover unless they end it. */
  RelaySite(String... settings) {
    this(null, settings);
  }

  /** The same with a limit of a store's answers that no configuration file may have. */
  RelaySite(@Nullable Duration answerLimit, String... settings) {
    ImapEndpoint imap = new ImapEndpoint(NodeTls.none());
    ClusterSettings[] groups = {
      ClusterSettings.replicated("cluster1", "huey", "dewey", "louie"),
      ClusterSettings.replicated("cluster2", "donald", "daisy")
    };
    SitePlan plan =
        SitePlan.of(groups)
            .speaking(imap, lmtp)
            .with("lmtp { listen = \"127.0.0.1:0\", affinitylist = on }");
    if (answerLimit != null) {
      plan.answeringWithin(answerLimit);
    }
    try {
      files = Files.createTempDirectory("openmmp-relay");
      for (ClusterSettings group : groups) {
        StoreCluster cluster = StoreCluster.start(group, accounts, List.of(imap, lmtp));
        clusters.add(cluster);
        plan.with("proxy." + cluster.name() + ".lmtpport = " + cluster.port(LmtpEndpoint.LMTP));
      }
      Stream.of(settings).forEach(plan::with);
      relay = Program.start(plan.config(files, directory, clusters), Set.of("relay"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Somebody whose mailbox is in that group. */
  MailUser user(String name, String group) {
    MailUser user = MailUser.of(name);
    accounts.user(user.login(), user.password());
    directory.add(new DirectoryUser(user.name(), user.domain(), user.password(), group));
    return user;
  }

  /** Somebody whom the directory knows in that group, and no store. */
  MailUser missing(String name, String group) {
    MailUser user = MailUser.of(name);
    directory.add(new DirectoryUser(user.name(), user.domain(), user.password(), group));
    return user;
  }

  /** Runs a command against the relay; its exit status. */
  int openmmp(String... line) {
    return openmmp(Writer.nullWriter(), line);
  }

  /** The same; what it prints goes there. */
  int openmmp(Writer out, String... line) {
    List<String> words = new ArrayList<>(List.of(line));
    words.addAll(List.of("--config", files.resolve("openmmp.conf").toString()));
    PrintWriter printed = new PrintWriter(out, true);
    return Main.run(printed, printed, words.toArray(String[]::new));
  }

  /** Runs a command against the relay, which succeeds; what it tells. */
  String operate(String line) {
    StringWriter told = new StringWriter();
    List<String> words = new ArrayList<>(List.of(line.split(" ")));
    words.addAll(List.of("--config", files.resolve("openmmp.conf").toString()));
    PrintWriter out = new PrintWriter(told, true);
    assertEquals(0, Main.run(out, out, words.toArray(String[]::new)), told::toString);
    return told.toString();
  }

  /** The relay's metrics. */
  String metrics() {
    return relay.metrics(Set.of());
  }

  /** An MTA that has said LHLO. */
  DeliveryConnection mta() {
    return DeliveryConnection.lmtp("127.0.0.1", relay.addresses("lmtp").get(0).getPort());
  }

  StoreCluster cluster(int number) {
    return clusters.get(number - 1);
  }

  /** Has a store follow a script. */
  void script(String node, LmtpScript script) {
    lmtp.script(node, script);
  }

  /** What a store heard. */
  LmtpTranscript heardBy(String node) {
    return lmtp.transcript(node);
  }

  /** The messages in a user's mailbox, octets as ISO-8859-1. */
  List<String> inbox(MailUser user) {
    return clusters.stream()
        .flatMap(cluster -> cluster.mail().of(user.login()).inbox().messages().stream())
        .map(message -> new String(message.octets(), StandardCharsets.ISO_8859_1))
        .toList();
  }

  /** What was logged so far. */
  String log() {
    return log.text();
  }

  /** Lines in which this pattern is found may be warnings or errors. */
  RelaySite expectingInLog(String pattern) {
    expected.add(pattern);
    return this;
  }

  /** Ends everything, and judges the log. */
  @Override
  public void close() {
    relay.close();
    clusters.forEach(StoreCluster::close);
    directory.close();
    log.close();
    try {
      Files.deleteIfExists(files.resolve("openmmp.conf"));
      Files.deleteIfExists(files.resolve("state"));
      Files.delete(files);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    LogWatch watch = new LogWatch(List.of(EmbeddedDirectory.BIND_PASSWORD));
    expected.forEach(watch::expect);
    watch.judge(log.text());
  }
}
